// SPDX-License-Identifier: Apache-2.0
// SLVERR and DECERR in every single transaction of a layer's passes, on every port: the run fails with the right code, the next
// one is clean.
#include <algorithm>

#include "host/quantize/random_model.hpp"
#include "tests/kernel/disturbed_device.hpp"
#include "tests/support/fault_tally.hpp"

using namespace squat;
using test::Disturbance;
using test::DisturbedDevice;

namespace {

const std::vector<int> kRefusedPasses = {6, 1};

/// Every `step`-th transaction of each pass.
void every_transaction(const std::string& model_name, const model::IntegerModel& m, const test::Stalls& stalls,
                       std::uint64_t step) {
  DisturbedDevice device(m, kRefusedPasses, 91, stalls, stalls);
  test::FaultTally tally("error responses, " + model_name);
  for (std::size_t pass = 0; pass < kRefusedPasses.size(); ++pass) {
    bool ended = false;
    device.run_disturbed(pass, {}, ended);
    REQUIRE(ended);
    const std::uint64_t reads = device.link().memory().reads(), writes = device.link().memory().writes();
    REQUIRE(reads >= 10);
    REQUIRE(writes >= 2);
    for (const std::uint8_t response : {test::kSlvErr, test::kDecErr}) {
      for (const bool write : {false, true}) {
        const std::uint64_t last = write ? writes : reads;
        // Of the writes always the last one too: the status block itself.
        for (std::uint64_t n = 1; n <= last; n = write && n < last ? std::min(n + step, last) : n + step) {
          INFO((write ? "write " : "read ") << n << " of pass " << pass << ", response " << int{response});
          Disturbance d;
          (write ? d.failing_write : d.failing_read) = n;
          d.response = response;
          const std::uint32_t status = device.run_disturbed(pass, d, ended);
          CHECK(!ended);
          ++(ended ? tally.silent : tally.detected);  // a run in good order although it had an error response
          if (ended) continue;
          REQUIRE(status == (2U | (write ? spec::kErrorAxiWrite : spec::kErrorAxiRead) << 8));
          device.require_clean();
        }
      }
    }
  }
  tally.print();
  REQUIRE(tally.silent == 0);
}

model::IntegerModel mixed_model() {
  return quantize::random_model(test::shape(64, 64, 1, 2, 1, 32, 40, true), 4, test::mixed(hls::WidthRule::kBudget, 512), 92);
}

}  // namespace

TEST_CASE("an error response fails the run, whatever transaction it answers") {
  every_transaction("llama", mixed_model(), {0, 0, 0, 20, false}, 7);
}

TEST_CASE("an error response to every transaction", "[.nightly]") {
  const model::IntegerModel gpt2 =
      quantize::random_model(test::gpt2_shape(64, 96, 1, 2, 33), 8, test::uniform(model::Activations::k8), 93);
  for (const test::Stalls& stalls : {test::Stalls{0, 0, 0, 20, false}, test::Stalls{90, 90, 90, 30, false}}) {
    every_transaction("llama", mixed_model(), stalls, 1);
    every_transaction("gpt2", gpt2, stalls, 1);
  }
}
