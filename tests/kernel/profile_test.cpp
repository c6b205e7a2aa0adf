// SPDX-License-Identifier: Apache-2.0
// Profiles of whole passes: they change nothing, repeat exactly, add up to the counters, and the array's steps are those the
// shape dictates.
#include <map>
#include <utility>
#include <vector>

#include "host/quantize/random_model.hpp"
#include "hw/gen/squat_spec.hpp"
#include "tests/catch.hpp"
#include "tests/kernel/simulated_device.hpp"
#include "tests/support/compare_devices.hpp"

using namespace squat;
using engine::CommandProfile;
using engine::PassResult;
using engine::Role;

namespace {

const std::vector<int> kPasses = {40, 1, 3};

std::vector<PassResult> run(engine::Device& device) {
  device.reset();
  std::vector<PassResult> results;
  for (std::size_t p = 0; p < kPasses.size(); ++p) {
    results.push_back(device.run(test::random_ids(kPasses[p], device.model().config.vocab_size, 5 + static_cast<unsigned>(p)),
                                 engine::RowRange::kLast));
  }
  return results;
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t step) { return (value + step - 1) / step * step; }

/// Steps of a linear layer of `rows` outputs and `cols` inputs whose first `eight` of `tokens` tokens have 8 bits; `together`
/// tiles are multiplied at once.
std::uint64_t linear_steps(int rows, int cols, int tokens, int eight, std::uint64_t together) {
  const std::uint64_t tiles = round_up(static_cast<std::uint64_t>(rows), 32) / 32;
  const std::uint64_t k = round_up(static_cast<std::uint64_t>(cols), 64);
  if (tokens <= 4) return tiles * k / 4;  // four bands, one group
  const int groups8 = (eight + 15) / 16, pairs = ((tokens - eight + 15) / 16 + 1) / 2;
  return (tiles + together - 1) / together * k * static_cast<std::uint64_t>(groups8 + pairs);
}

void check_sums(const PassResult& result, bool mixed) {
  REQUIRE(result.profiles.size() == 1);
  const engine::PassProfile& profile = result.profiles.front();
  std::uint64_t steps = 0, weight = 0, drain = 0, read = 0, write = 0, eight = 0, four = 0;
  for (const CommandProfile& c : profile.commands) {
    if (c.unit == spec::kUnitGemm) steps += c.busy;
    weight += c.weight_stall, drain += c.drain_stall;
    read += c.read_beats, write += c.write_beats;
    eight += c.eight_tokens, four += c.four_tokens;
  }
  const std::size_t own_beats = 4 * profile.commands.size();  // the fetch of the commands, and their records
  REQUIRE(profile.cycles == result.counters->cycles);
  REQUIRE(steps == result.counters->mac_steps);
  REQUIRE(weight == result.counters->weight_stall);
  REQUIRE(drain == result.counters->drain_stall);
  REQUIRE(read + own_beats == result.counters->read_beats);
  REQUIRE(write + own_beats == result.counters->write_beats);
  std::uint64_t decided = 0;
  for (const std::uint32_t layer : result.eight_tokens_per_layer) decided += layer;
  if (mixed) REQUIRE(eight == decided);
  REQUIRE(eight + four == (mixed ? result.eight_tokens_per_layer.size() * static_cast<std::size_t>(result.tokens) : 0));
}

/// The array's steps per layer and role, counted from the shape.
void check_steps(const model::IntegerModel& m, const PassResult& result, std::uint64_t together) {
  const model::ModelConfig& c = m.config;
  std::map<std::pair<int, Role>, std::uint64_t> steps, commands;
  for (const CommandProfile& command : result.profiles.front().commands) {
    if (command.unit != spec::kUnitGemm) continue;
    steps[{command.place.layer, command.place.role}] += command.busy;
    ++commands[{command.place.layer, command.place.role}];
  }
  const bool mixed = m.widths.activations == model::Activations::kMixed;
  for (int l = 0; l < c.layers; ++l) {
    INFO("layer " << l);
    const auto index = static_cast<std::size_t>(l);
    const int own = static_cast<int>(result.eight_tokens_per_layer[index]);
    int input = own;
    if (mixed) input = l == 0 ? result.tokens : static_cast<int>(result.eight_tokens_per_layer[index - 1]);
    const auto check = [&](Role role, int rows, int cols, int eight) {
      INFO(engine::role_name(role));
      REQUIRE(steps[{l, role}] == linear_steps(rows, cols, result.tokens, eight, together));
      REQUIRE(commands[{l, role}] == 1);
    };
    check(Role::kK, c.kv_size(), c.hidden_size, input);
    check(Role::kV, c.kv_size(), c.hidden_size, input);
    check(Role::kQ, c.q_size(), c.hidden_size, input);
    check(Role::kO, c.hidden_size, c.q_size(), own);
    check(Role::kGateUp, c.gpt2() ? c.intermediate_size : 2 * c.intermediate_size, c.hidden_size, own);
    check(Role::kDown, c.hidden_size, c.intermediate_size, own);
    REQUIRE(commands[{l, Role::kScores}] == static_cast<std::uint64_t>(c.heads));
    REQUIRE(commands[{l, Role::kValues}] == static_cast<std::uint64_t>(c.heads));
  }
  REQUIRE(steps[{-1, Role::kHead}] == linear_steps(c.vocab_size, c.hidden_size, 1, 1, together));
}

void check(const model::IntegerModel& m, backends::SimulationOptions simulation = {}) {
  const auto device = test::simulated_device(m, simulation);
  const std::vector<PassResult> before = run(*device);
  REQUIRE(device->set_profile(true));
  const std::vector<PassResult> profiled = run(*device), again = run(*device);
  REQUIRE(device->set_profile(false));
  const std::vector<PassResult> after = run(*device);
  for (std::size_t p = 0; p < kPasses.size(); ++p) {
    INFO("pass " << p);
    REQUIRE(profiled[p].logits == before[p].logits);
    REQUIRE(profiled[p].eight_tokens_per_layer == before[p].eight_tokens_per_layer);
    REQUIRE(before[p].profiles.empty());
    REQUIRE(after[p].profiles.empty());
    REQUIRE(after[p].counters->mac_steps == profiled[p].counters->mac_steps);
    check_sums(profiled[p], m.widths.activations == model::Activations::kMixed);
    check_steps(m, profiled[p],
                static_cast<std::uint64_t>(engine::limits_of(*engine::config_named(simulation.config)).blocks()));
    const auto& commands = profiled[p].profiles.front().commands;
    const auto& others = again[p].profiles.front().commands;
    REQUIRE(commands.size() == others.size());
    if (simulation.stall_seed != 0) continue;  // random stalls go on from run to run
    REQUIRE(after[p].counters->cycles == before[p].counters->cycles);
    // The records' writes move the memory's refreshes and turns a little.
    const auto cycles = static_cast<double>(before[p].counters->cycles);
    REQUIRE(static_cast<double>(profiled[p].counters->cycles) == Approx(cycles).epsilon(0.03));
    for (std::size_t i = 0; i < commands.size(); ++i) {
      INFO("command " << i);
      REQUIRE(commands[i].start == others[i].start);
      REQUIRE(commands[i].end == others[i].end);
      REQUIRE(commands[i].busy == others[i].busy);
    }
  }
}

}  // namespace

TEST_CASE("profiles of uniform models") {
  check(quantize::random_model(test::small_shape(2), 4, test::uniform(model::Activations::k8), 11));
  check(quantize::random_model(test::wide_shape(1), 4, test::uniform(model::Activations::k4), 12));
  check(quantize::random_model(test::gpt2_shape(128, 512, 2, 4, 96), 4, test::uniform(model::Activations::k8), 14));
}

TEST_CASE("profiles of the wider array") {
  backends::SimulationOptions kv260;
  kv260.config = "kv260";
  check(quantize::random_model(test::wide_shape(1), 4, test::uniform(model::Activations::k4), 12), kv260);
  check(quantize::random_model(test::gpt2_shape(128, 512, 2, 4, 96), 4, test::uniform(model::Activations::k8), 14), kv260);
  check(quantize::random_model(test::small_shape(2), 4, test::mixed(hls::WidthRule::kBudget, 512), 13), kv260);
}

TEST_CASE("profiles of a mixed model, with a memory that stalls at random too") {
  const model::IntegerModel m = quantize::random_model(test::small_shape(2), 4, test::mixed(hls::WidthRule::kBudget, 512), 13);
  check(m);
  backends::SimulationOptions stalls;
  stalls.stall_seed = 3;
  check(m, stalls);
}
