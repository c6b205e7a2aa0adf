// SPDX-License-Identifier: Apache-2.0
// Faults in every system call of a save. The next process finds the checkpoint before or the new one and computes the bits of a
// run that nothing happened to; never half of one.
#include "tests/host/support.hpp"
#include "tests/qat/checkpoint/toy_run.hpp"
#include "tests/support/save_campaign.hpp"

namespace squat::qat {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kBefore = 2, kLater = 6;
constexpr int kKeep = 2;  // the save removes a checkpoint too

std::string bits(const toy::Run& run) {
  const auto bytes = [&](const float* p) {
    return std::string(reinterpret_cast<const char*>(p), run.set.size() * sizeof(float));
  };
  return std::to_string(run.state.step) + " " + std::to_string(run.state.batches) + " " + std::to_string(run.adam.steps()) +
         " " + bytes(run.set.values()) + bytes(run.adam.first_moments().data()) + bytes(run.adam.second_moments().data());
}

toy::Run run_at(std::int64_t step) {
  toy::Run run;
  while (run.state.step < step) run.step();
  return run;
}

void save_step(const fs::path& directory, std::int64_t step) {
  const toy::Run run = run_at(step);
  CheckpointStore(directory, kKeep).save(run.set, run.adam, run.state);
}

test::SaveCampaign checkpoints() {
  return {"checkpoint",
          [](const fs::path& directory) {
            for (std::int64_t step = 1; step <= kBefore; ++step) save_step(directory, step);
          },
          [](const fs::path& directory) { save_step(directory, kBefore + 1); },
          [](const fs::path& directory) {
            CheckpointStore store(directory, kKeep);
            for (const auto& entry : fs::directory_iterator(directory)) {
              if (entry.path().filename().string().size() != 14) return "left over: " + entry.path().string();
            }
            toy::Run run;
            std::vector<std::string> warnings;
            if (!run.load(store, &warnings) || !warnings.empty()) return std::string("no good checkpoint");
            std::string all = bits(run);
            while (run.state.step < kLater) {  // a later save must work, whatever lies there
              run.step();
              store.save(run.set, run.adam, run.state);
            }
            toy::Run again;
            if (!again.load(store)) return std::string("no good checkpoint later");
            return all + bits(again);
          }};
}

}  // namespace

TEST_CASE("a save that fails in any system call leaves the checkpoint before or the new one") {
  if (!test::can_fault_system_calls()) return;
  const test::CampaignResult result = test::run_campaign(checkpoints());
  CHECK(result.silent == std::vector<std::string>{});
  CHECK(result.calls > 40);
}

}  // namespace squat::qat
