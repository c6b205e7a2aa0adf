// SPDX-License-Identifier: Apache-2.0
// Single bits of device memory that are wrong during a pass: reported, or without any influence; never a wrong token.
#include "host/quantize/random_model.hpp"
#include "tests/kernel/disturbed_device.hpp"
#include "tests/support/fault_tally.hpp"

using namespace squat;
using test::Disturbance;
using test::DisturbedDevice;
using test::Flip;

namespace {

const std::vector<int> kFlippedPasses = {37, 1, 1};

/// `flips` bits of each kind; prints what became of them.
void flip_bits(const std::string& model_name, const model::IntegerModel& m, unsigned seed, unsigned flips) {
  DisturbedDevice device(m, kFlippedPasses, seed, {0, 0, 0, 20, false}, {0, 0, 0, 20, false});
  std::mt19937_64 random(seed);
  const std::pair<Flip::Where, const char*> kinds[] = {
      {Flip::Where::kCommands, "commands"},     {Flip::Where::kWeights, "weights"}, {Flip::Where::kInput, "embedding rows"},
      {Flip::Where::kCache, "keys and values"}, {Flip::Where::kLogits, "logits"},   {Flip::Where::kStatus, "status block"}};
  std::vector<std::uint64_t> cycles;  // of each pass
  for (std::size_t pass = 0; pass < kFlippedPasses.size(); ++pass) {
    bool ended = false;
    device.run_disturbed(pass, {}, ended);
    REQUIRE(ended);
    cycles.push_back(device.link().run_cycles());
  }
  for (const auto& [where, name] : kinds) {
    test::FaultTally tally("flipped bits, " + model_name + ", " + name);
    for (unsigned i = 0; i < flips; ++i) {
      const std::size_t pass = i % kFlippedPasses.size();
      Disturbance d;
      d.flip = {where, static_cast<std::size_t>(random())};
      // A bit of the cache flips in any cycle; what was read before shows in a later pass.
      const bool cache = where == Flip::Where::kCache;
      if (cache) d.flip.at = random() % cycles[pass];
      INFO(name << ", bit " << d.flip.bit << " of pass " << pass << " at " << d.flip.at);
      bool ended = false;
      const std::uint32_t status = device.run_disturbed(pass, d, ended, cache ? kFlippedPasses.size() - 1 : pass);
      const bool by_host = cache || where == Flip::Where::kLogits || where == Flip::Where::kStatus;
      if (ended) {
        CHECK(device.right());
        ++(device.right() ? tally.masked : tally.silent);
      } else {
        REQUIRE(status == (by_host ? test::kFoundByHost : 2U | spec::kErrorBadCrc << 8));
        ++tally.detected;
      }
    }
    tally.print();
    REQUIRE(tally.silent == 0);
    // What is read in every pass is always noticed; weight image and cache also hold what nobody reads, or what is overwritten,
    // and the status block three words of zeros before its CRC.
    const bool sparse = where == Flip::Where::kWeights || where == Flip::Where::kCache;
    REQUIRE(tally.masked <= (sparse ? flips - flips / 20 : where == Flip::Where::kStatus ? flips / 20 : 0));
  }
  device.require_clean();
}

/// A context of one block, so that the cache is mostly in use.
model::ModelConfig short_context(model::ModelConfig c) {
  c.max_positions = 64;
  return c;
}
model::IntegerModel llama() {
  return quantize::random_model(short_context(test::shape(64, 64, 1, 2, 1, 32, 40, true)), 4,
                                test::mixed(hls::WidthRule::kBudget, 512), 92);
}
model::IntegerModel gpt2() {
  return quantize::random_model(short_context(test::gpt2_shape(64, 96, 1, 2, 33)), 8, test::uniform(model::Activations::k8),
                                93);
}

}  // namespace

TEST_CASE("a flipped bit of device memory is reported, or does not matter") {
  flip_bits("llama", llama(), 51, 100);
  flip_bits("gpt2", gpt2(), 52, 100);
}

TEST_CASE("hundreds of flipped bits of each kind", "[.nightly]") {
  flip_bits("llama", llama(), 53, 300);
  flip_bits("gpt2", gpt2(), 54, 300);
}
