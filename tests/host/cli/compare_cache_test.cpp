// SPDX-License-Identifier: Apache-2.0
// What a comparison sees of an accelerator: its key-value cache. A fault is named by layer, tensor and index. The places of
// bytes are computed here from docs/develop/accelerator.md, "KV cache".
#include <memory>

#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "host/cli/compare_devices.hpp"
#include "host/engine/accelerator_device.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/support/compare_devices.hpp"
#include "tests/support/functional_link.hpp"

using namespace squat;

namespace {

struct Place {
  int layer, head, position, dimension;
};

/// Byte offset in a cache of 320 positions (300, rounded up to whole banded blocks).
std::size_t byte_of(const model::ModelConfig& c, const Place& p, bool keys) {
  const int dim = c.head_dim, head_bytes = 320 * dim;
  const int start = (p.layer * 2 * c.kv_heads + (keys ? 0 : c.kv_heads) + p.head) * head_bytes;
  const int channel = p.dimension < dim / 2 ? 2 * p.dimension : 2 * (p.dimension - dim / 2) + 1;
  const int inside = keys ? p.position / 32 * dim * 32 + channel * 32 + p.position % 32
                          : p.dimension / 32 * 320 * 32 + p.position * 32 + p.dimension % 32;
  return static_cast<std::size_t>(start + inside);
}

/// Changes one byte of the cache after a given run.
class FaultyLink : public test::FunctionalLink {
 public:
  FaultyLink(std::size_t byte, int after_run) : byte_(byte), after_run_(after_run) {}
  void run(const engine::KernelStart& start) override {
    FunctionalLink::run(start);
    if (runs() == after_run_) cache()[byte_] = static_cast<std::uint8_t>(cache()[byte_] ^ 0x40U);
  }

 private:
  std::size_t byte_;
  int after_run_;
};

cli::Comparison compare(engine::Device& a, engine::Device& b, const std::vector<int>& ids, int prompt) {
  return cli::compare_devices(a, b, ids, prompt, hls::kMaxChunk, [](int, int) {});
}

}  // namespace

TEST_CASE("accelerator, processor and golden model hold the same cache") {
  for (const model::ModelConfig& config : {test::small_shape(), test::wide_shape(), test::odd_shape()}) {
    const model::IntegerModel m = quantize::random_model(config, 4, test::mixed(hls::WidthRule::kBudget, 512), 4);
    const std::vector<int> ids = test::random_ids(75, config.vocab_size, 6);
    backends::RefDevice ref(m);
    backends::CpuDevice cpu(m);
    engine::AcceleratorDevice accelerator(m, std::make_unique<test::FunctionalLink>(), "functional");
    const cli::Comparison result = compare(accelerator, ref, ids, 70);
    CHECK_FALSE(result.difference);
    CHECK_FALSE(result.tensors);
    // Cached values of all positions after each pass, one count per layer and pass, logits of every token.
    const int passes = 6, positions = 70 + 71 + 72 + 73 + 74 + 75;
    CHECK(result.values == static_cast<std::uint64_t>(positions * config.layers * 2 * config.kv_heads * config.head_dim +
                                                      passes * config.layers + 75 * config.vocab_size));
    CHECK_FALSE(compare(cpu, accelerator, ids, 70).difference);
  }
}

TEST_CASE("one wrong byte of the cache is named by layer, tensor, index and both values") {
  for (const model::ModelConfig& config : {test::small_shape(), test::wide_shape(3)}) {
    const model::IntegerModel m = quantize::random_model(config, 4, test::uniform(model::Activations::k8), 4);
    const std::vector<int> ids = test::random_ids(45, config.vocab_size, 6);
    for (const bool keys : {true, false}) {
      for (const Place& place : {Place{0, 0, 0, 0}, Place{1, 1, 33, config.head_dim / 2 + 3}, Place{2, 1, 39, 7}}) {
        backends::RefDevice ref(m);
        engine::AcceleratorDevice accelerator(m, std::make_unique<FaultyLink>(byte_of(config, place, keys), 1), "functional");
        const cli::Comparison result = compare(accelerator, ref, ids, 40);
        REQUIRE(result.difference);
        CHECK(result.difference->pass == 0);
        CHECK(result.difference->layer == place.layer);
        CHECK(result.difference->tensor == (keys ? "cached_keys" : "cached_values"));
        CHECK(result.difference->index ==
              static_cast<std::size_t>((place.position * config.kv_heads + place.head) * config.head_dim + place.dimension));
        CHECK((result.difference->a & 0xff) == ((result.difference->b & 0xff) ^ 0x40));
      }
    }
  }
}

TEST_CASE("an early position that a later pass destroys is found in that pass") {
  const model::ModelConfig config = test::small_shape();
  const model::IntegerModel m = quantize::random_model(config, 4, test::uniform(model::Activations::k8), 4);
  backends::RefDevice ref(m);
  const Place place{2, 0, 3, 5};
  engine::AcceleratorDevice accelerator(m, std::make_unique<FaultyLink>(byte_of(config, place, true), 3), "functional");
  const cli::Comparison result = compare(accelerator, ref, test::random_ids(45, config.vocab_size, 6), 40);
  REQUIRE(result.difference);
  CHECK(result.difference->pass == 2);
  CHECK(result.difference->layer == 2);
  CHECK(result.difference->tensor == "cached_keys");
}

TEST_CASE("a wrong weight shows in the first layer whose cache depends on it") {
  const model::ModelConfig config = test::small_shape();
  const model::IntegerModel good = quantize::random_model(config, 4, test::mixed(hls::WidthRule::kBudget, 512), 4);
  const std::vector<int> ids = test::random_ids(30, config.vocab_size, 6);
  const auto first_difference = [&](const std::function<void(model::IntegerModel&)>& damage) {
    model::IntegerModel bad = good;
    damage(bad);
    backends::RefDevice ref(good);
    engine::AcceleratorDevice accelerator(bad, std::make_unique<test::FunctionalLink>(), "functional");
    const cli::Comparison result = compare(accelerator, ref, ids, 30);
    REQUIRE(result.difference);
    return *result.difference;
  };
  const auto negate = [](model::IntMatrix& matrix) {
    for (std::int8_t& code : matrix.codes) code = static_cast<std::int8_t>(-code);
  };
  const cli::Difference v = first_difference([&](model::IntegerModel& m) { negate(m.layers[1].v); });
  CHECK(v.layer == 1);
  CHECK(v.tensor == "cached_values");
  const cli::Difference k = first_difference([&](model::IntegerModel& m) { negate(m.layers[2].k); });
  CHECK(k.layer == 2);
  CHECK(k.tensor == "cached_keys");
  const cli::Difference down = first_difference([&](model::IntegerModel& m) { negate(m.layers[0].down); });
  CHECK(down.layer == 1);
  CHECK(down.tensor == "cached_keys");
}
