// SPDX-License-Identifier: Apache-2.0
// Single bits of device memory that are wrong during a pass: reported, or without any influence; never a wrong token.
#include "host/quantize/random_model.hpp"
#include "tests/kernel/disturbed_device.hpp"

using namespace squat;
using test::Disturbance;
using test::DisturbedDevice;
using test::Flip;

namespace {

const std::vector<int> kPasses = {6, 1};

/// `flips` bits of each kind in each pass; prints what became of them.
void flip_bits(const model::IntegerModel& m, unsigned seed, unsigned flips) {
  DisturbedDevice device(m, kPasses, seed, {0, 0, 0, 20, false}, {0, 0, 0, 20, false});
  std::mt19937_64 random(seed);
  const std::pair<Flip::Where, const char*> kinds[] = {
      {Flip::Where::kCommands, "commands"}, {Flip::Where::kWeights, "weights"}, {Flip::Where::kInput, "embedding rows"}};
  for (const auto& [where, name] : kinds) {
    unsigned detected = 0, masked = 0;
    for (unsigned i = 0; i < flips; ++i) {
      const std::size_t pass = i % kPasses.size();
      Disturbance d;
      d.flip = {where, static_cast<std::size_t>(random())};
      INFO(name << ", bit " << d.flip.bit << " of pass " << pass);
      bool ended = false;
      const std::uint32_t status = device.run_disturbed(pass, d, ended);
      if (ended) {
        REQUIRE(device.right());
        ++masked;
      } else {
        REQUIRE(status == (2U | spec::kErrorBadCrc << 8));
        ++detected;
      }
    }
    WARN(name << ": " << flips << " tried, " << detected << " detected, " << masked << " masked, 0 silent");
    // What is read in every pass is always noticed; the weight image also holds padding that nobody reads.
    REQUIRE(masked <= (where == Flip::Where::kWeights ? flips / 4 : 0));
  }
  device.require_clean();
}

model::IntegerModel llama() {
  return quantize::random_model(test::shape(64, 64, 1, 2, 1, 32, 40, true), 4, test::mixed(hls::WidthRule::kBudget, 512), 92);
}
model::IntegerModel gpt2() {
  return quantize::random_model(test::gpt2_shape(64, 96, 1, 2, 33), 8, test::uniform(model::Activations::k8), 93);
}

}  // namespace

TEST_CASE("a flipped bit in commands, weights or embedding rows is reported") {
  flip_bits(llama(), 51, 100);
  flip_bits(gpt2(), 52, 100);
}

TEST_CASE("thousands of flipped bits", "[.nightly]") {
  flip_bits(llama(), 53, 3000);
  flip_bits(gpt2(), 54, 3000);
}
