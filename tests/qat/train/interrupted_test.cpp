// SPDX-License-Identifier: Apache-2.0
// A whole training process that is killed, interrupted or runs out of space.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>

#include "qat/train/stop_signals.hpp"
#include "tests/qat/train/toy_model.hpp"
#include "tests/support/child_process.hpp"

namespace squat::qat {
namespace {

constexpr std::int64_t kSteps = 400;

/// Exit status of a run in a child process (100 = interrupted and saved), or minus the signal that ended it.
int run_child(const std::filesystem::path& tokens, const std::filesystem::path& directory, int signal, int after_us,
              rlim_t file_limit = RLIM_INFINITY) {
  // Held back until the child listens: before that, the test framework's handler would answer.
  sigset_t interrupt, before;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  ::sigprocmask(SIG_BLOCK, &interrupt, &before);
  const int code = test::in_child(
      [&] {
        const StopSignals signals;
        ::sigprocmask(SIG_SETMASK, &before, nullptr);
        const rlimit limit{file_limit, file_limit};
        ::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const TokenFile file(tokens);
        const WindowBatches data(file, 4, 16, 9);
        Teachers none;
        toy::TableModel model;
        TrainOptions options = toy::options_for(directory, kSteps);
        options.stop = [&] { return signals.requested(); };
        if (train(model, data, none, options).interrupted) ::_exit(100);
      },
      signal, std::chrono::microseconds(after_us));
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return code;
}

std::vector<float> final_values(const std::filesystem::path& tokens, const std::filesystem::path& directory) {
  const TokenFile file(tokens);
  const WindowBatches data(file, 4, 16, 9);
  Teachers none;
  toy::TableModel model;
  CHECK(train(model, data, none, toy::options_for(directory, kSteps)).last.step == kSteps);
  return {model.parameters().values(), model.parameters().values() + model.parameters().size()};
}

}  // namespace

TEST_CASE("killed and interrupted at random moments, a run ends as if nothing had happened") {
  const test::TemporaryDirectory dir;
  const auto tokens = toy::write_tokens(dir.path());
  const std::vector<float> expected = final_values(tokens, dir.path() / "whole");
  std::mt19937 random(5);
  int kills = 0, interrupts = 0;
  for (int round = 0; round < 20; ++round) {
    const bool kill = round % 2 == 0;
    const int status = run_child(tokens, dir.path() / "run", kill ? SIGKILL : SIGINT, static_cast<int>(random() % 20000));
    kills += status == -SIGKILL;
    interrupts += status == 100;
    CHECK((status == -SIGKILL || status == 100 || status == 0));
  }
  CHECK(kills > 0);
  CHECK(interrupts > 0);
  const std::vector<float> values = final_values(tokens, dir.path() / "run");
  CHECK(std::memcmp(values.data(), expected.data(), values.size() * sizeof(float)) == 0);
  const std::string log = test::read_bytes(dir.path() / "run" / "log.jsonl");
  CHECK(std::count(log.begin(), log.end(), '\n') == kSteps);
}

TEST_CASE("no space left is an error with the last checkpoint intact") {
  const test::TemporaryDirectory dir;
  const auto tokens = toy::write_tokens(dir.path());
  CHECK(run_child(tokens, dir.path() / "run", SIGINT, 5000) == 100);
  CHECK(run_child(tokens, dir.path() / "run", 0, 0, 3000) == static_cast<int>(ExitCode::kBadInput));
  const std::vector<float> expected = final_values(tokens, dir.path() / "whole");
  CHECK(final_values(tokens, dir.path() / "run") == expected);
}

}  // namespace squat::qat
