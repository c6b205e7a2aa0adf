// SPDX-License-Identifier: Apache-2.0
// Faults in every system call of a training run: its reading, logging and saving. Continued, it ends with the bits and the
// logged curve of a run that nothing happened to.
#include "tests/qat/train/toy_model.hpp"
#include "tests/support/save_campaign.hpp"

namespace squat::qat {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFirst = 10, kLast = 24;  // checkpoints at 10, 20 and 24

/// Trains to `last` and returns the parameters.
std::string train_to(const fs::path& directory, std::int64_t last) {
  const TokenFile file(directory / "tokens");
  const WindowBatches data(file, 2, 8, 9);
  Teachers none;
  toy::TableModel model;
  TrainOptions options = toy::options_for(directory / "run", kLast);
  std::int64_t steps = 0;
  options.stop = [&] { return ++steps >= last; };
  train(model, data, none, options);
  return {reinterpret_cast<const char*>(model.parameters().values()), model.parameters().size() * sizeof(float)};
}

/// The log without its times.
std::string curve(const fs::path& log) {
  std::ifstream in(log);
  std::string text;
  for (std::string line; std::getline(in, line);) {
    nlohmann::json row = nlohmann::json::parse(line);
    row.erase("seconds");
    row.erase("tokens_per_second");
    text += row.dump() + "\n";
  }
  return text;
}

test::SaveCampaign whole_run() {
  return {"training run",
          [](const fs::path& directory) {
            toy::write_tokens(directory);
            train_to(directory, kFirst);
          },
          [](const fs::path& directory) { train_to(directory, kLast); },
          [](const fs::path& directory) {
            const std::string values = train_to(directory, kLast);
            return values + curve(directory / "run/log.jsonl") + std::to_string(fs::file_size(directory / "run/log.csv") > 0);
          }};
}

void campaign(std::size_t step) {
  if (!test::can_fault_system_calls()) return;
  const test::CampaignResult result = test::run_campaign(whole_run(), step);
  CHECK(result.silent == std::vector<std::string>{});
  CHECK(result.calls > 150);
}

}  // namespace

TEST_CASE("a training run that fails anywhere continues with the same bits and the same curve") { campaign(11); }

TEST_CASE("a training run that fails in any system call", "[.nightly]") { campaign(1); }

}  // namespace squat::qat
