// SPDX-License-Identifier: Apache-2.0
// Runs that die: killed at any moment, or without space left.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <random>

#include "tests/host/support.hpp"
#include "tests/qat/checkpoint/toy_run.hpp"
#include "tests/support/child_process.hpp"

namespace squat::qat {
TEST_CASE("killed 50 times at random moments, a run ends with the bits of an uninterrupted one") {
  constexpr std::int64_t kSteps = 3000, kEvery = 5;
  toy::Run expected;
  while (expected.state.step < kSteps) expected.step();
  const test::TemporaryDirectory dir;
  std::mt19937 random(2024);
  std::int64_t before = 0;
  int kills = 0;
  for (int round = 0; round < 50; ++round) {
    const std::chrono::microseconds wait(1000 + random() % 30000);
    kills += test::in_child([&] { toy::train(dir.path(), kSteps, kEvery); }, SIGKILL, wait) == -SIGKILL;
    CheckpointStore store(dir.path());
    toy::Run run;
    std::vector<std::string> warnings;
    run.load(store, &warnings);
    REQUIRE(warnings.empty());  // what carries a complete name is complete
    REQUIRE(run.state.step >= before);
    before = run.state.step;
  }
  CHECK(kills >= 40);
  CHECK(test::in_child([&] { toy::train(dir.path(), kSteps, 100); }) == 0);
  CheckpointStore store(dir.path());
  toy::Run run;
  REQUIRE(run.load(store));
  CHECK(run.same_as(expected));
}

TEST_CASE("a full disk is an error, and the last checkpoint stays") {
  const test::TemporaryDirectory dir;
  toy::train(dir.path(), 10, 5);
  for (const rlim_t limit : {rlim_t{0}, rlim_t{100}, rlim_t{20000}}) {
    const int status = test::in_child([&] {
      ::signal(SIGXFSZ, SIG_IGN);  // write() then fails as it does on a full disk
      const rlimit small{limit, limit};
      if (::setrlimit(RLIMIT_FSIZE, &small) != 0) ::_exit(98);
      toy::train(dir.path(), 20, 5);
    });
    CHECK(status == static_cast<int>(ExitCode::kBadInput));
    CheckpointStore store(dir.path());
    CHECK(store.steps() == std::vector<std::int64_t>{10, 5});
    toy::Run run;
    REQUIRE(run.load(store));
    CHECK(run.state.step == 10);
    std::size_t entries = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir.path())) ++entries;
    CHECK(entries == 2);
  }
  toy::train(dir.path(), 20, 5);
  CHECK(CheckpointStore(dir.path()).steps().front() == 20);
}

}  // namespace squat::qat
