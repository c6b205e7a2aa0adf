// SPDX-License-Identifier: Apache-2.0
// How many tiles the commands of a wider array multiply at once: what the array and the ring allow, the same in load and gemm.
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "host/engine/accelerator_device.hpp"
#include "host/engine/weight_image.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/catch.hpp"
#include "tests/support/compare_devices.hpp"
#include "tests/support/functional_link.hpp"

using namespace squat;
using engine::AcceleratorLimits;

namespace {

class Recorder : public test::FunctionalLink {
 public:
  using test::FunctionalLink::FunctionalLink;
  void run(const engine::KernelStart& start) override {
    records = *start.commands;
    test::FunctionalLink::run(start);
  }
  std::vector<spec::Record> records;
};

/// Tiles multiplied at once by (k, tiles, mode) of every gemm of a pass of `tokens` tokens.
std::map<std::vector<std::uint32_t>, std::uint32_t> together(const model::IntegerModel& m, const AcceleratorLimits& limits,
                                                             int tokens) {
  auto owned = std::make_unique<Recorder>(limits);
  const Recorder& recorder = *owned;
  engine::AcceleratorDevice device(m, std::move(owned), "functional");
  device.run(test::random_ids(tokens, m.config.vocab_size, 1), engine::RowRange::kLast);
  std::map<std::vector<std::uint32_t>, std::uint32_t> found;
  std::vector<const spec::Record*> loads;
  std::size_t gemms = 0;
  for (const spec::Record& r : recorder.records) {
    if (spec::get(r, spec::kCmdOpcode) == spec::kOpLoad) loads.push_back(&r);
    if (spec::get(r, spec::kCmdOpcode) != spec::kOpGemm) continue;
    REQUIRE(gemms < loads.size());
    const spec::Record& load = *loads[gemms++];
    const std::uint32_t wide = spec::get(r, spec::kGemmWide), tiles = spec::get(r, spec::kGemmTiles);
    REQUIRE(spec::get(load, spec::kLoadTiles) == tiles);
    // Slices of banded tiles stay in their own banks, and these share what a bank gives in a cycle.
    const bool banded = spec::get(r, spec::kGemmBanded) != 0;
    REQUIRE(spec::get(load, spec::kLoadWide) == (banded ? 0 : wide));
    REQUIRE((wide + 1) * spec::get(load, spec::kLoadWords) <= static_cast<std::uint32_t>(limits.ring_depth));
    const auto words = static_cast<std::uint32_t>(limits.axi_bits / 128);
    if (banded) REQUIRE((wide == 0 || (wide + 1) * (spec::get(r, spec::kGemmMode) == 0 ? 1 : 2) <= words));
    const auto [at, fresh] = found.try_emplace({spec::get(r, spec::kGemmK), tiles, spec::get(r, spec::kGemmMode)}, wide + 1);
    REQUIRE((fresh || at->second == wide + 1));
  }
  return found;
}

AcceleratorLimits limits_of(int columns, int ring_depth) {
  AcceleratorLimits limits;
  limits.columns = columns;
  limits.ring_depth = ring_depth;
  return limits;
}

using Key = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("wide passes: as many tiles as blocks, spread evenly, fewer where the ring is small") {
  // GPT-2 of hidden 256: 8 tiles of k 256; MLP 640: 20 tiles, and 8 of k 640, which take 160 words of a bank each.
  const model::IntegerModel m =
      quantize::random_model(test::gpt2_shape(256, 640, 1, 4, 64), 4, test::uniform(model::Activations::k8), 1);
  const auto four = together(m, limits_of(64, 4096), 40);
  CHECK(four.at(Key{256, 8, 0}) == 4);
  CHECK(four.at(Key{256, 20, 0}) == 4);
  CHECK(four.at(Key{640, 8, 0}) == 4);
  CHECK(four.at(Key{64, 2, 1}) == 2);  // scores of 40 keys: two tiles of keys
  CHECK(four.at(Key{48, 2, 2}) == 2);  // values: a head of 64 channels
  const auto three = together(m, limits_of(48, 4096), 40);
  CHECK(three.at(Key{256, 8, 0}) == 3);
  CHECK(three.at(Key{256, 20, 0}) == 3);
  // A ring of 512 words holds three tiles of 160.
  const auto small = together(m, limits_of(64, 512), 40);
  CHECK(small.at(Key{640, 8, 0}) == 3);
  CHECK(small.at(Key{256, 8, 0}) == 4);
  for (const auto& [key, tiles] : together(m, limits_of(16, 4096), 40)) CHECK(tiles == 1);
}

TEST_CASE("wide passes: tiles are spread over the passes") {
  // 5 tiles of hidden 160 in passes of 4 at most are 3 and 2, 10 are 4, 4 and 2.
  const model::IntegerModel m =
      quantize::random_model(test::gpt2_shape(160, 320, 1, 5, 64), 4, test::uniform(model::Activations::k8), 1);
  const auto found = together(m, limits_of(64, 4096), 20);
  CHECK(found.at(Key{192, 5, 0}) == 3);
  CHECK(found.at(Key{192, 10, 0}) == 4);
}

TEST_CASE("wide passes: a deeper ring admits no longer sums") {
  model::ModelConfig config = test::small_shape(1);
  config.intermediate_size = 4096;
  CHECK_NOTHROW(engine::check_limits(config, limits_of(64, 4096)));
  config.intermediate_size = 4112;
  CHECK_THROWS_AS(engine::check_limits(config, limits_of(64, 4096)), squat::Error);
}

TEST_CASE("wide passes: decoding multiplies one tile at a time") {
  const model::IntegerModel m = quantize::random_model(test::small_shape(1), 8, test::uniform(model::Activations::k8), 1);
  for (const auto& [key, tiles] : together(m, limits_of(64, 4096), 1)) CHECK(tiles == 1);
}

TEST_CASE("wide passes: behind 512-bit ports decoding multiplies four tiles at once, two of 8-bit weights") {
  AcceleratorLimits limits = limits_of(64, 4096);
  limits.axi_bits = 512;
  const model::ModelConfig config = test::gpt2_shape(256, 640, 1, 4, 64);
  const auto four = together(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 1), limits, 1);
  CHECK(four.at(Key{256, 8, 0}) == 4);
  CHECK(four.at(Key{640, 8, 0}) == 4);
  CHECK(four.at(Key{256, 2, 1}) == 2);  // the head: 64 rows of 8 bit
  CHECK(four.at(Key{64, 2, 2}) == 2);   // values
  const auto eight = together(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 1), limits, 1);
  CHECK(eight.at(Key{256, 8, 1}) == 2);
  CHECK(eight.at(Key{640, 8, 1}) == 2);
  // A ring of 512 words holds one tile of 320 and three of 160.
  limits.ring_depth = 512;
  CHECK(together(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 1), limits, 1).at(Key{640, 8, 1}) ==
        1);
  CHECK(together(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 1), limits, 1).at(Key{640, 8, 0}) ==
        3);
}
