// SPDX-License-Identifier: Apache-2.0
// The whole accelerator in simulation against the reference: every width, prefill and decoding, bit for bit.
#include <vector>

#include "host/backends/ref/ref_device.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/catch.hpp"
#include "tests/kernel/simulated_device.hpp"
#include "tests/support/compare_devices.hpp"

using namespace squat;

namespace {

void compare(const model::IntegerModel& m, const std::vector<std::vector<int>>& runs, unsigned seed,
             backends::SimulationOptions simulation = {}) {
  backends::RefDevice ref(m);
  const auto device = test::simulated_device(m, simulation);
  for (const std::vector<int>& passes : runs) test::require_equal_passes(ref, *device, passes, seed++);
}

/// A prompt of n tokens, then `decoded` single tokens.
std::vector<int> prompt(int n, int decoded) {
  std::vector<int> passes(static_cast<std::size_t>(decoded) + 1, 1);
  passes.front() = n;
  return passes;
}

const std::vector<std::vector<int>> kPrompts = {prompt(1, 32), prompt(2, 3), prompt(17, 3), prompt(128, 3)};

}  // namespace

TEST_CASE("one decoder layer equals the reference") {
  for (const model::ModelConfig& config : {test::small_shape(1), test::wide_shape(1), test::odd_shape(1)}) {
    INFO("hidden " << config.hidden_size);
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 3), {{1, 1}, {5, 1}, {20, 1}}, 1);
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k4), 3), {{1, 1}, {5, 1}, {20, 1}}, 2);
  }
}

TEST_CASE("W8A8, W4A8 and W4A4: prompts of 1, 2, 17 and 128 tokens and decoding") {
  for (const model::ModelConfig& config : {test::small_shape(2), test::wide_shape(2)}) {
    INFO("hidden " << config.hidden_size);
    compare(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 11), kPrompts, 3);
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 12), kPrompts, 4);
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k4), 13), kPrompts, 5);
  }
}

TEST_CASE("a whole token of LLaMA-58M") {
  const model::ModelConfig config = quantize::shape_config("llama-58m");
  compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 15), {{1}}, 8);
}

TEST_CASE("mixed widths at shares of 1/4, 1/2 and 3/4") {
  for (std::uint32_t rho : {256U, 512U, 768U}) {
    INFO("rho " << rho << "/1024");
    compare(quantize::random_model(test::small_shape(2), 4, test::mixed(hls::WidthRule::kSequence, rho), 21), kPrompts, 6);
    compare(quantize::random_model(test::wide_shape(2), 4, test::mixed(hls::WidthRule::kBudget, rho), 22), kPrompts, 7);
  }
}

TEST_CASE("GPT-2 equals the reference: every width, prompts of 1, 2, 17 and chunks, decoding") {
  const std::vector<std::vector<int>> prompts = {prompt(1, 6), prompt(2, 2), prompt(17, 2), {20, 3, 1, 33, 1}};
  for (const model::ModelConfig& config : {test::gpt2_shape(128, 320, 3, 4, 96), test::gpt2_shape(256, 512, 2, 4, 100)}) {
    INFO("heads of " << config.head_dim);
    compare(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 11), prompts, 3);
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 12), prompts, 4);
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k4), 13), prompts, 5);
    compare(quantize::random_model(config, 4, test::mixed(hls::WidthRule::kBudget, 512), 22, 6), prompts, 7);
    compare(quantize::random_model(config, 4, test::mixed(hls::WidthRule::kSequence, 256), 21, 7),
            {prompt(17, 2), prompt(128, 2)}, 6);
  }
}

namespace {

backends::SimulationOptions configured(const char* config, std::uint64_t stall_seed) {
  backends::SimulationOptions simulation;
  simulation.config = config;
  simulation.stall_seed = stall_seed;
  return simulation;
}
backends::SimulationOptions kv260(std::uint64_t stall_seed = 0) { return configured("kv260", stall_seed); }
backends::SimulationOptions alveo(std::uint64_t stall_seed = 0) { return configured("alveo", stall_seed); }

}  // namespace

TEST_CASE("the wider array equals the reference: every width, prompts, chunks and decoding") {
  const std::vector<std::vector<int>> prompts = {prompt(17, 2), {20, 3, 1, 33, 1}, prompt(128, 1)};
  for (const model::ModelConfig& config : {test::small_shape(2), test::odd_shape(2), test::gpt2_shape(128, 320, 2, 4, 96)}) {
    INFO("hidden " << config.hidden_size);
    compare(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 11), prompts, 3, kv260());
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 12), prompts, 4, kv260());
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k4), 13), prompts, 5, kv260());
    compare(quantize::random_model(config, 4, test::mixed(hls::WidthRule::kBudget, 512), 14), prompts, 6, kv260());
  }
}

TEST_CASE("the wider array under random back-pressure on every port") {
  const model::IntegerModel m = quantize::random_model(test::wide_shape(2), 4, test::mixed(hls::WidthRule::kBudget, 512), 41);
  for (std::uint64_t seed : {1U, 2U}) {
    INFO("stall seed " << seed);
    compare(m, {{50, 1, 3, 1}}, 9, kv260(seed));
  }
}

// A tile of the second projection fills 768 words of a bank.
TEST_CASE("one layer of the paper's GPT-2 on the wider array") {
  const model::ModelConfig config = test::gpt2_shape(768, 3072, 1, 12, 64);
  compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 51), {{40, 1}}, 8, kv260());
}

TEST_CASE("512-bit ports equal the reference: every width, prompts and decoding") {
  const std::vector<std::vector<int>> prompts = {prompt(17, 2), {20, 3, 1}};
  for (const model::ModelConfig& config : {test::odd_shape(2), test::gpt2_shape(128, 320, 1, 4, 96)}) {
    INFO("hidden " << config.hidden_size);
    compare(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 11), prompts, 3, alveo());
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 12), prompts, 4, alveo());
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k4), 13), prompts, 5, alveo());
    compare(quantize::random_model(config, 4, test::mixed(hls::WidthRule::kBudget, 512), 22), prompts, 7, alveo(1));
  }
}

// GELU takes two cycles a beat: still far fewer than a pass of the paper's shape has steps.
TEST_CASE("decoding GPT-2 does not wait for post-processing") {
  const model::IntegerModel m =
      quantize::random_model(test::gpt2_shape(768, 3072, 1, 12, 64), 4, test::uniform(model::Activations::k8), 51);
  const auto device = test::simulated_device(m);
  for (int pass = 0; pass < 2; ++pass) {
    const engine::PassResult result = device->run(test::random_ids(1, 64, 1), engine::RowRange::kLast);
    INFO("drain stall " << result.counters->drain_stall << " of " << result.counters->cycles);
    REQUIRE(result.counters->drain_stall * 200 < result.counters->cycles);
  }
}

TEST_CASE("GPT-2 under random back-pressure on every port") {
  const model::IntegerModel m =
      quantize::random_model(test::gpt2_shape(96, 208, 3, 3, 77), 4, test::mixed(hls::WidthRule::kBudget, 512), 41);
  for (std::uint64_t seed : {1U, 2U}) {
    INFO("stall seed " << seed);
    backends::SimulationOptions simulation;
    simulation.stall_seed = seed;
    compare(m, {{20, 1, 3, 1}}, 9, simulation);
  }
}

// Minutes of simulation: run by scripts/nightly.sh.
TEST_CASE("every prompt length with 32 decoded tokens", "[.nightly]") {
  const std::vector<std::vector<int>> prompts = {prompt(1, 32), prompt(2, 32), prompt(17, 32), prompt(128, 32)};
  for (const model::ModelConfig& config : {test::small_shape(2), test::wide_shape(2), test::gpt2_shape(256, 1024, 2, 4, 96)}) {
    INFO("hidden " << config.hidden_size);
    compare(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 61), prompts, 3);
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 62), prompts, 4);
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k4), 63), prompts, 5);
    for (std::uint32_t rho : {256U, 512U, 768U}) {
      compare(quantize::random_model(config, 4, test::mixed(hls::WidthRule::kSequence, rho), 64), prompts, 6);
      compare(quantize::random_model(config, 4, test::mixed(hls::WidthRule::kBudget, rho), 65), prompts, 7);
    }
  }
}

TEST_CASE("the wider array: every prompt length with decoded tokens, every width", "[.nightly]") {
  const std::vector<std::vector<int>> prompts = {prompt(5, 8), prompt(17, 8), prompt(128, 8), {33, 60, 1, 7, 1}};
  for (const model::ModelConfig& config : {test::small_shape(2), test::wide_shape(2), test::gpt2_shape(256, 1024, 2, 4, 96)}) {
    INFO("hidden " << config.hidden_size);
    compare(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 61), prompts, 3, kv260());
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 62), prompts, 4, kv260());
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k4), 63), prompts, 5, kv260());
    for (std::uint32_t rho : {256U, 512U, 768U}) {
      compare(quantize::random_model(config, 4, test::mixed(hls::WidthRule::kBudget, rho), 65), prompts, 7, kv260(rho));
    }
  }
}

TEST_CASE("512-bit ports: every prompt length with decoded tokens, every width", "[.nightly]") {
  const std::vector<std::vector<int>> prompts = {prompt(5, 8), prompt(17, 8), prompt(128, 8), {33, 60, 1, 7, 1}};
  for (const model::ModelConfig& config : {test::small_shape(2), test::wide_shape(2), test::gpt2_shape(256, 1024, 2, 4, 96)}) {
    INFO("hidden " << config.hidden_size);
    compare(quantize::random_model(config, 8, test::uniform(model::Activations::k8), 61), prompts, 3, alveo());
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 62), prompts, 4, alveo());
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k4), 63), prompts, 5, alveo());
    for (std::uint32_t rho : {256U, 512U, 768U}) {
      compare(quantize::random_model(config, 4, test::mixed(hls::WidthRule::kBudget, rho), 65), prompts, 7, alveo(rho));
    }
  }
  compare(quantize::random_model(test::gpt2_shape(768, 3072, 1, 12, 64), 4, test::uniform(model::Activations::k8), 51),
          {{40, 1}}, 8, alveo());
}

TEST_CASE("every width rule") {
  for (hls::WidthRule rule : {hls::WidthRule::kPrefix, hls::WidthRule::kRandom, hls::WidthRule::kReversed}) {
    INFO("rule " << static_cast<int>(rule));
    compare(quantize::random_model(test::small_shape(2), 4, test::mixed(rule, 512), 23), {{50, 1, 1}}, 8);
  }
}

TEST_CASE("the budget rule gives the same logits for every chunking") {
  const model::IntegerModel m = quantize::random_model(test::small_shape(2), 4, test::mixed(hls::WidthRule::kBudget, 512), 31);
  const std::vector<int> ids = test::random_ids(48, m.config.vocab_size, 5);
  const auto device = test::simulated_device(m);
  const auto logits = [&](int chunk) {
    device->reset();
    std::vector<std::int32_t> all;
    for (int at = 0; at < 48; at += chunk) {
      const std::vector<int> part(ids.begin() + at, ids.begin() + at + chunk);
      const std::vector<std::int32_t> rows = device->run(part, engine::RowRange::kAll).logits;
      all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
  };
  const std::vector<std::int32_t> whole = logits(48);
  REQUIRE(logits(16) == whole);
  REQUIRE(logits(1) == whole);
}

TEST_CASE("random back-pressure on every port changes no bit") {
  const model::IntegerModel m = quantize::random_model(test::small_shape(2), 4, test::mixed(hls::WidthRule::kBudget, 512), 41);
  for (std::uint64_t seed : {1U, 2U, 3U}) {
    INFO("stall seed " << seed);
    backends::SimulationOptions simulation;
    simulation.stall_seed = seed;
    compare(m, {{20, 1, 3, 1}}, 9, simulation);
  }
}

TEST_CASE("the kernel's cycle counter agrees with the simulator's, and a memory error ends the run") {
  const model::IntegerModel m = quantize::random_model(test::small_shape(1), 4, test::uniform(model::Activations::k8), 51);
  const auto device = test::simulated_device(m);
  const engine::PassResult result = device->run(test::random_ids(4, m.config.vocab_size, 1), engine::RowRange::kLast);
  REQUIRE(result.counters);
  REQUIRE(result.counters->cycles > 0);
  REQUIRE(result.counters->mac_steps > 0);

  for (std::uint64_t burst : {1U, 4U, 30U}) {
    backends::SimulationOptions broken;
    broken.fault.read_burst = burst;
    const auto faulty = test::simulated_device(m, broken);
    REQUIRE_THROWS_AS(faulty->run(test::random_ids(4, m.config.vocab_size, 1), engine::RowRange::kLast), squat::Error);
  }
  backends::SimulationOptions broken;
  broken.fault.write_burst = 2;
  const auto faulty = test::simulated_device(m, broken);
  REQUIRE_THROWS_AS(faulty->run(test::random_ids(4, m.config.vocab_size, 1), engine::RowRange::kLast), squat::Error);
}
