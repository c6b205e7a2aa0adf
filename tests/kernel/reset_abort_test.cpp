// SPDX-License-Identifier: Apache-2.0
// A reset or an abort in any cycle of a pass: the next run gives the bits of an undisturbed one.
#include "host/quantize/random_model.hpp"
#include "tests/kernel/disturbed_device.hpp"
#include "tests/support/fault_tally.hpp"

using namespace squat;
using test::Disturbance;
using test::DisturbedDevice;

namespace {

const std::vector<int> kEndedPasses = {5, 1, 2};

struct Model {
  const char* name;
  model::IntegerModel model;
};

std::vector<Model> models() {
  return {{"mixed", quantize::random_model(test::shape(64, 64, 1, 2, 1, 32, 40, true), 4,
                                           test::mixed(hls::WidthRule::kBudget, 512), 71)},
          {"GPT-2", quantize::random_model(test::gpt2_shape(64, 96, 1, 2, 33), 8, test::uniform(model::Activations::k8), 72)}};
}

constexpr test::Stalls kCalm{0, 0, 0, 20, false}, kHesitant{90, 90, 90, 30, false};

std::uint32_t code(std::uint32_t status) { return (status & 2U) != 0 ? status >> 8 & 0xff : 0; }

void reset_campaign(int rounds) {
  for (const Model& m : models()) {
    for (const test::Stalls& stalls : {kCalm, kHesitant}) {
      DisturbedDevice device(m.model, kEndedPasses, 81, stalls, stalls);
      device.require_clean();
      std::vector<std::uint64_t> cycles;
      for (std::size_t p = 0; p < kEndedPasses.size(); ++p) {
        bool ended = false;
        device.run_disturbed(p, {}, ended);
        REQUIRE(ended);
        cycles.push_back(device.link().run_cycles());
      }
      std::mt19937 random(82);
      test::FaultTally tally(std::string("resets, ") + m.name);
      for (int i = 0; i < rounds; ++i) {
        const std::size_t pass = random() % kEndedPasses.size();
        Disturbance d;
        d.reset_at = 1 + random() % cycles[pass];
        d.reset_cycles = static_cast<unsigned>(1 + random() % 3);
        INFO(m.name << ", reset " << i << " in cycle " << d.reset_at << " of pass " << pass);
        bool ended = false;
        device.run_disturbed(pass, d, ended);
        ++(ended ? tally.masked : tally.detected);
        device.require_clean();
      }
      tally.print();
      REQUIRE(tally.detected * 10 >= tally.tried() * 8);  // a hesitant memory may let a run end before its reset
    }
  }
}

/// An abort of any kind, in any cycle; the ports owe answers to the old run when the next one starts.
void abort_campaign(int rounds) {
  for (const Model& m : models()) {
    for (const test::Stalls& stalls : {kCalm, kHesitant}) {
      DisturbedDevice device(m.model, kEndedPasses, 83, stalls, stalls);
      bool ended = false;
      device.run_disturbed(0, {}, ended);
      REQUIRE(ended);
      const std::uint64_t cycles = device.link().run_cycles(), reads = device.link().memory().reads();
      std::mt19937 random(84);
      test::FaultTally tally(std::string("aborts, ") + m.name);
      for (int i = 0; i < rounds; ++i) {
        Disturbance d;
        std::uint32_t expected = spec::kErrorWatchdog;
        switch (i % 4) {
          case 0:  // the watchdog of a run that is well
            d.watchdog = static_cast<std::uint32_t>(1 + random() % (cycles / 1024));
            break;
          case 1:  // the watchdog of a run whose memory died
            d.watchdog = static_cast<std::uint32_t>(2 + cycles / 1024);
            d.dead_at = 1 + random() % cycles;
            d.dead_ports = static_cast<unsigned>(1 + random() % 63);
            break;
          case 2:
            d.bad_record = random() % 20;
            expected = spec::kErrorBadCommand;
            break;
          default:
            d.failing_read = 1 + random() % reads;
            expected = spec::kErrorAxiRead;
            break;
        }
        INFO(m.name << ", abort " << i << ": watchdog " << d.watchdog << ", dead " << d.dead_ports << " from " << d.dead_at
                    << ", bad record " << d.bad_record << ", failing read " << d.failing_read);
        const std::uint32_t status = device.run_disturbed(0, d, ended);
        if (d.watchdog == 0 || !ended) REQUIRE(code(status) == expected);
        ++(ended ? tally.masked : tally.detected);
        device.require_clean();
      }
      tally.print();
    }
  }
}

}  // namespace

TEST_CASE("a reset in any cycle leaves no trace in the next run") { reset_campaign(12); }

TEST_CASE("an abort in any cycle leaves no trace in the next run") { abort_campaign(12); }

TEST_CASE("250 resets per model and memory", "[.nightly]") { reset_campaign(250); }

TEST_CASE("250 aborts per model and memory", "[.nightly]") { abort_campaign(250); }
