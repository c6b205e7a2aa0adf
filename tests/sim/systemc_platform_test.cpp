// SPDX-License-Identifier: Apache-2.0
// A whole model on the example platform: the driver in SystemC's time, the accelerator's RTL, one shared memory.
#include <memory>
#include <vector>

#include "host/backends/accelerator/transport_link.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "host/engine/accelerator_device.hpp"
#include "host/quantize/random_model.hpp"
#include "sim/systemc/platform/platform.hpp"
#include "tests/catch.hpp"

using namespace squat;

int sc_main(int, char**) { return 0; }  // the library's main() wants it; the tests have their own

namespace {

model::IntegerModel small_model() {
  model::ModelConfig config;
  config.vocab_size = 77;
  config.hidden_size = 64;
  config.intermediate_size = 96;
  config.layers = 2;
  config.heads = config.kv_heads = 2;
  config.head_dim = 32;
  config.max_positions = 64;
  return quantize::random_model(config, 4, {model::Activations::kMixed, hls::WidthRule::kSequence, 512, 0, {}}, 3);
}

}  // namespace

TEST_CASE("SystemC platform: a model gives the reference's logits, in no less time than its cycles take") {
  const model::IntegerModel m = small_model();
  const std::vector<std::vector<int>> chunks = {{5, 17, 60, 2, 33, 8, 41}, {9}, {76}};
  std::vector<std::vector<std::int32_t>> logits;
  std::uint64_t cycles = 0;
  const sc_core::sc_time period(4, sc_core::SC_NS);
  sim::Platform platform(period, {}, [&](std::unique_ptr<backends::Transport> transport) {
    CHECK(transport->name() == "systemc");
    engine::AcceleratorDevice device(m, std::make_unique<backends::TransportLink>(std::move(transport)), "systemc");
    for (const auto& ids : chunks) {
      const engine::PassResult pass = device.run(ids, engine::RowRange::kAll);
      logits.push_back(pass.logits);
      REQUIRE(pass.counters.has_value());
      cycles += pass.counters->cycles;
    }
    device.run({1000}, engine::RowRange::kLast);  // no such token
  });
  CHECK_THROWS_WITH(platform.processor.run(), Catch::Matchers::Contains("1000"));

  backends::RefDevice reference(m);
  REQUIRE(logits.size() == chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) CHECK(logits[i] == reference.run(chunks[i], engine::RowRange::kAll).logits);
  const double counted = sc_core::sc_time_stamp() / period;
  CHECK(cycles > 0);
  CHECK(counted >= static_cast<double>(cycles));
  CHECK(counted <= static_cast<double>(cycles) * 1.5 + 10000);
}
