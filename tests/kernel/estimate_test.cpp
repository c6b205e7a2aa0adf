// SPDX-License-Identifier: Apache-2.0
// The estimated pass against the simulated accelerator: not close, the same. Every counter of every pass must agree.
#include <array>
#include <memory>
#include <vector>

#include "host/estimate/busy_cycles.hpp"
#include "host/estimate/estimate_link.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/catch.hpp"
#include "tests/kernel/simulated_device.hpp"
#include "tests/support/compare_devices.hpp"

using namespace squat;

namespace {

/// Every port a beat in every cycle, nothing in the way.
constexpr backends::DdrParameters kIdeal{1024, 0, 0, 0, 0};
/// Narrow, slow to answer, often away.
constexpr backends::DdrParameters kPoor{32, 131, 77, 700, 19};
const std::vector<backends::DdrParameters> kMemories = {kIdeal, {}, kPoor};

struct Tally {
  int commands = 0;
  int undisturbed = 0;  ///< of them, those whose formula must give the counter
};

/// Every profile record of the pass is the predicted one, and every command counts the busy cycles of its formula; only those
/// of vec that a memory refused may count fewer, because their buffers move on meanwhile.
void require_same_commands(const engine::PassProfile& got, const engine::PassProfile& want,
                           const std::vector<spec::Record>& records, unsigned beat_words, Tally& tally) {
  REQUIRE(got.commands.size() == want.commands.size());
  REQUIRE(records.size() == want.commands.size());
  const std::vector<unsigned> widths = estimate::table_widths(records);
  std::array<unsigned, 2> eight{};
  for (std::size_t i = 0; i < records.size(); ++i) {
    const engine::CommandProfile &a = got.commands[i], &b = want.commands[i];
    INFO("command " << i << ", opcode " << b.opcode);
    REQUIRE(a.start == b.start);
    REQUIRE(a.end == b.end);
    REQUIRE(a.busy == b.busy);
    REQUIRE(a.first == b.first);
    REQUIRE(a.last == b.last);
    REQUIRE(a.weight_stall == b.weight_stall);
    REQUIRE(a.drain_stall == b.drain_stall);
    REQUIRE(a.read_beats == b.read_beats);
    REQUIRE(a.write_beats == b.write_beats);
    REQUIRE(a.eight_tokens == b.eight_tokens);
    REQUIRE(a.four_tokens == b.four_tokens);
    if (b.opcode == spec::kOpTclm) eight[spec::get(records[i], spec::kTclmOutTable)] = widths[i];
    const unsigned table = b.opcode == spec::kOpGemm ? spec::get(records[i], spec::kGemmInTable) : 0;
    const std::uint64_t formula = estimate::busy_cycles(records[i], eight[table], beat_words);
    ++tally.commands;
    if (b.unit == spec::kUnitVec && b.busy != b.end - b.start) {
      REQUIRE(b.busy <= formula);
      REQUIRE(b.end - b.start >= formula);
      continue;
    }
    REQUIRE(b.busy == formula);
    ++tally.undisturbed;
  }
}

/// The command lists that went through an estimate.
class Recorder : public estimate::EstimateLink {
 public:
  using EstimateLink::EstimateLink;
  void run(const engine::KernelStart& start) override {
    records.push_back(*start.commands);
    EstimateLink::run(start);
  }
  std::vector<std::vector<spec::Record>> records;
};

/// Runs passes of the given sizes on both, in one configuration; the prompt asks for all rows of logits.
void require_same_counters(const model::IntegerModel& m, const std::vector<int>& passes, const backends::DdrParameters& ddr,
                           const spec::Config& config, bool all_rows) {
  INFO("configuration " << config.name);
  INFO("memory " << backends::description(ddr));
  backends::SimulationOptions simulation;
  simulation.ddr = ddr;
  simulation.config = config.name;
  const auto simulated = test::simulated_device(m, simulation);
  engine::AcceleratorDevice estimated(m, std::make_unique<estimate::EstimateLink>(ddr, engine::limits_of(config)), "estimate");
  unsigned pass = 0;
  for (const int tokens : passes) {
    const std::vector<int> ids = test::random_ids(tokens, m.config.vocab_size, pass);
    const engine::RowRange rows = all_rows && pass % 2 == 0 ? engine::RowRange::kAll : engine::RowRange::kLast;
    const engine::PassResult want = simulated->run(ids, rows), got = estimated.run(ids, rows);
    INFO("pass " << pass << " of " << tokens << " tokens");
    REQUIRE(got.eight_tokens_per_layer == want.eight_tokens_per_layer);
    const engine::DeviceCounters &a = *got.counters, &b = *want.counters;
    REQUIRE(a.mac_steps == b.mac_steps);
    REQUIRE(a.read_beats == b.read_beats);
    REQUIRE(a.write_beats == b.write_beats);
    REQUIRE(a.cycles == b.cycles);
    REQUIRE(a.weight_stall == b.weight_stall);
    REQUIRE(a.drain_stall == b.drain_stall);
    ++pass;
  }
}

/// In every configuration.
void require_same_counters(const model::IntegerModel& m, const std::vector<int>& passes, const backends::DdrParameters& ddr,
                           bool all_rows = true) {
  for (const spec::Config& config : spec::kConfigs) require_same_counters(m, passes, ddr, config, all_rows);
}

const std::vector<model::Activations> kUniform = {model::Activations::k8, model::Activations::k4};

}  // namespace

TEST_CASE("uniform widths: prompts, chunks and decoding take the cycles they were estimated to take") {
  for (const model::ModelConfig& config : {test::small_shape(2), test::odd_shape(2), test::wide_shape(1)}) {
    INFO("hidden " << config.hidden_size);
    for (const backends::DdrParameters& ddr : kMemories) {
      for (const model::Activations activations : kUniform) {
        require_same_counters(quantize::random_model(config, 4, test::uniform(activations), 3), {17, 1, 3, 33, 1}, ddr);
      }
      require_same_counters(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 3), {5, 1, 40, 1}, ddr);
    }
  }
}

TEST_CASE("GPT-2: gelu, biases and position rows") {
  for (const model::ModelConfig& config : {test::gpt2_shape(96, 208, 2, 3, 77), test::gpt2_shape(256, 512, 1, 4, 100)}) {
    INFO("hidden " << config.hidden_size);
    for (const backends::DdrParameters& ddr : kMemories) {
      for (const model::Activations activations : kUniform) {
        require_same_counters(quantize::random_model(config, 4, test::uniform(activations), 5), {20, 1, 3, 1}, ddr);
      }
      require_same_counters(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 5), {9, 1}, ddr);
    }
  }
}

TEST_CASE("mixed widths: groups of any size, whatever decides them before the pass") {
  for (const std::uint32_t rho : {100U, 512U, 900U}) {
    INFO("rho " << rho << "/1024");
    for (const backends::DdrParameters& ddr : kMemories) {
      // Random decides without scores, prompt and decoding; sequence and reversed have fixed counts in one pass.
      require_same_counters(quantize::random_model(test::small_shape(2), 4, test::mixed(hls::WidthRule::kRandom, rho), 7),
                            {37, 1, 1, 1}, ddr);
      require_same_counters(quantize::random_model(test::odd_shape(3), 4, test::mixed(hls::WidthRule::kSequence, rho), 8), {50},
                            ddr);
      require_same_counters(
          quantize::random_model(test::gpt2_shape(96, 208, 2, 3, 77), 4, test::mixed(hls::WidthRule::kReversed, rho), 9), {70},
          ddr);
    }
  }
}

TEST_CASE("long prompts and contexts, one row of logits") {
  for (const backends::DdrParameters& ddr : kMemories) {
    require_same_counters(quantize::random_model(test::wide_shape(1), 4, test::uniform(model::Activations::k4), 11),
                          {128, 128, 1}, ddr, false);
    require_same_counters(
        quantize::random_model(test::gpt2_shape(128, 320, 1, 4, 96), 4, test::mixed(hls::WidthRule::kRandom, 512), 12),
        {128, 1, 1}, ddr, false);
  }
}

TEST_CASE("every profile record is predicted, and its busy cycles by a formula") {
  struct Run {
    model::ModelConfig config;
    int weight_bits;
    model::WidthPolicy widths;
  };
  const auto k8 = test::uniform(model::Activations::k8), k4 = test::uniform(model::Activations::k4);
  const std::vector<Run> runs = {{test::odd_shape(2), 4, k8},
                                 {test::small_shape(2), 4, k4},
                                 {test::wide_shape(1), 8, k8},
                                 {test::small_shape(3), 4, test::mixed(hls::WidthRule::kRandom, 512)},
                                 {test::gpt2_shape(96, 208, 2, 3, 77), 4, k8},
                                 {test::gpt2_shape(256, 512, 1, 4, 100), 4, k4},
                                 {test::gpt2_shape(96, 208, 2, 3, 77), 8, k8},
                                 {test::gpt2_shape(128, 320, 2, 4, 96), 4, test::mixed(hls::WidthRule::kRandom, 300)}};
  for (const Run& run : runs) {
    for (std::size_t round = 0; round < kMemories.size() * spec::kConfigs.size(); ++round) {
      const backends::DdrParameters& ddr = kMemories[round % kMemories.size()];
      const spec::Config& config = spec::kConfigs[round / kMemories.size()];
      INFO("hidden " << run.config.hidden_size << ", W" << run.weight_bits << ", memory " << backends::description(ddr)
                     << ", configuration " << config.name);
      const model::IntegerModel m = quantize::random_model(run.config, run.weight_bits, run.widths, 21);
      backends::SimulationOptions simulation;
      simulation.ddr = ddr;
      simulation.config = config.name;
      const auto simulated = test::simulated_device(m, simulation);
      auto link = std::make_unique<Recorder>(ddr, engine::limits_of(config));
      const Recorder& recorder = *link;
      engine::AcceleratorDevice estimated(m, std::move(link), "estimate");
      REQUIRE(simulated->set_profile(true));
      REQUIRE(estimated.set_profile(true));
      Tally tally;
      for (const int tokens : {37, 1, 1}) {
        const std::vector<int> ids = test::random_ids(tokens, m.config.vocab_size, 3);
        const engine::PassResult want = simulated->run(ids, engine::RowRange::kLast);
        const engine::PassResult got = estimated.run(ids, engine::RowRange::kLast);
        INFO(tokens << " tokens");
        REQUIRE(got.counters->cycles == want.counters->cycles);
        require_same_commands(got.profiles.at(0), want.profiles.at(0), recorder.records.back(),
                              static_cast<unsigned>(engine::limits_of(config).beat_words()), tally);
      }
      // The softmax of a last head meets the first values; all others are undisturbed.
      REQUIRE(tally.undisturbed * 100 > tally.commands * 90);
    }
  }
}

TEST_CASE("an estimate has no cache") {
  const model::IntegerModel m = quantize::random_model(test::small_shape(1), 4, test::uniform(model::Activations::k8), 3);
  engine::AcceleratorDevice device(m, std::make_unique<estimate::EstimateLink>(kIdeal), "estimate");
  REQUIRE_THROWS_AS(device.cached(0), Error);
}
