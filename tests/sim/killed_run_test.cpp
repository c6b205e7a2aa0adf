// SPDX-License-Identifier: Apache-2.0
// A simulation that is killed from outside takes nothing with it: its parent sees the signal at once and can go on.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/catch.hpp"
#include "tests/sim/standin_run.hpp"

using namespace squat;

TEST_CASE("killed simulation: the parent reports it and runs its own device") {
  int started[2];
  REQUIRE(::pipe(started) == 0);
  const ::pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // _exit, because the test framework must not run twice.
    try {
      const auto transport = backends::open_transport(STANDIN_KIND, sim::standin_options());
      sim::StandinJob job(*transport, 64);
      job.start(sim::kNeverDone);
      if (::write(started[1], "x", 1) == 1) transport->wait(std::chrono::seconds(60));
    } catch (...) {
    }
    ::_exit(1);
  }
  ::close(started[1]);
  char byte = 0;
  REQUIRE(::read(started[0], &byte, 1) == 1);
  ::close(started[0]);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  int status = 0;
  CHECK(::waitpid(child, &status, WNOHANG) == 0);  // still running
  REQUIRE(::kill(child, SIGKILL) == 0);
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);

  const auto transport = backends::open_transport(STANDIN_KIND, sim::standin_options());
  sim::StandinJob job(*transport, 64);
  CHECK(job.run(sim::kCopy) == backends::RunState::kDone);
}
