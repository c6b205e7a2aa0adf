// SPDX-License-Identifier: Apache-2.0
// {no, random, bursts of} idle of the memory x {no, random, heavy} back-pressure on every channel x read latencies: the same
// logits, cache bytes and width reports, and no AXI rule broken.
#include <string>

#include "tests/kernel/disturbed_device.hpp"
#include "tests/support/random_model.hpp"

using namespace squat;
using test::DisturbedDevice;

namespace {

struct Idle {
  const char* name;
  unsigned chance, run;
};
constexpr Idle kIdle[] = {{"no idle", 0, 1}, {"random idle", 90, 1}, {"bursts of idle", 12, 90}};

struct Pressure {
  const char* name;
  unsigned chance;
};
constexpr Pressure kPressure[] = {{"no back-pressure", 0}, {"random back-pressure", 90}, {"heavy back-pressure", 225}};

void matrix(const model::IntegerModel& m, const std::vector<int>& passes, const std::vector<unsigned>& latencies,
            const std::string& config = "sim") {
  unsigned seed = 100;
  for (const Idle& idle : kIdle) {
    for (const Pressure& pressure : kPressure) {
      for (const unsigned latency : latencies) {
        INFO(idle.name << ", " << pressure.name << ", latency " << latency);
        const test::Stalls reads{pressure.chance, idle.chance, 0, latency, false, idle.run};
        const test::Stalls writes{pressure.chance, pressure.chance, idle.chance, latency, false, idle.run};
        DisturbedDevice device(m, passes, seed++, reads, writes, config);
        device.require_clean();
      }
    }
  }
}

/// A model of random odd sizes, of either architecture and any widths.
test::RandomModelSpec random_spec(std::mt19937& random) {
  const auto below = [&random](unsigned n) { return static_cast<int>(random() % n); };
  test::RandomModelSpec s;
  s.seed = static_cast<std::uint32_t>(random());
  s.gpt2 = below(2) == 0;
  s.layers = 1 + below(2);
  s.kv_heads = 1 + below(2);
  s.heads = s.gpt2 ? 1 + below(3) : s.kv_heads * (1 + below(2));
  s.hidden = s.gpt2 ? 32 * s.heads : 16 * (3 + below(8));
  s.intermediate = 16 * (3 + below(12));
  s.vocab = 20 + below(90);
  s.weight_bits = below(2) == 0 ? 4 : 8;
  s.tied = s.gpt2 || below(2) == 0;
  s.activations = std::array{model::Activations::k8, model::Activations::k4, model::Activations::kMixed}[random() % 3];
  s.rule = below(2) == 0 ? hls::WidthRule::kBudget : hls::WidthRule::kRandom;
  s.rho_num = static_cast<std::uint32_t>(below(1025));
  return s;
}

void random_models(int count, const std::vector<unsigned>& latencies, unsigned seed, const std::string& config = "sim") {
  std::mt19937 random(seed);
  for (int i = 0; i < count; ++i) {
    const test::RandomModelSpec s = random_spec(random);
    INFO("model " << i << ": hidden " << s.hidden << ", intermediate " << s.intermediate << ", heads " << s.heads << ":"
                  << s.kv_heads << ", vocab " << s.vocab << ", W" << s.weight_bits << ", gpt2 " << s.gpt2);
    // The random rule ranks a whole prompt; behind it only single tokens follow.
    const int third = s.rule == hls::WidthRule::kRandom ? 1 : 2;
    matrix(test::random_model(s), {3 + static_cast<int>(random() % 20), 1, third}, latencies, config);
  }
}

}  // namespace

TEST_CASE("stalls change no bit: a small mixed model") {
  test::RandomModelSpec s;
  s.layers = 1;
  s.hidden = 80;
  s.intermediate = 112;
  s.vocab = 37;
  matrix(test::random_model(s), {7, 1}, {2, 60});
}

TEST_CASE("stalls change no bit: models of random odd sizes") { random_models(2, {20}, 111); }

TEST_CASE("stalls change no bit on the wider array: a model of random odd sizes") { random_models(1, {20}, 113, "kv260"); }

TEST_CASE("stalls change no bit on the wider array: many models of random odd sizes", "[.nightly]") {
  random_models(6, {1, 60, 250}, 114, "kv260");
}

TEST_CASE("stalls change no bit behind 512-bit ports: models of random odd sizes", "[.nightly]") {
  random_models(4, {1, 60, 250}, 115, "alveo");
}

TEST_CASE("stalls change no bit: many models of random odd sizes", "[.nightly]") { random_models(16, {1, 60, 250}, 112); }
