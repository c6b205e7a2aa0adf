// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM at random moments: the process ends soon as the signal asks, and what it had opened is given back.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "tests/catch.hpp"
#include "tests/sim/driver/fake_run.hpp"
#include "tests/support/fault_tally.hpp"

using namespace squat::test;

namespace {

/// Starts squat without a terminal; its output goes to `out`.
::pid_t start_squat(const std::vector<std::string>& arguments, const std::string& out) {
  const ::pid_t child = ::fork();
  if (child != 0) return child;
  const int file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  std::vector<char*> words = {const_cast<char*>(SQUAT_BINARY)};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  ::execv(SQUAT_BINARY, words.data());
  ::_exit(127);
}

struct Ending {
  int signal = 0;  ///< that ended the process, or that its exit code names
  bool by_itself = false;
  double seconds = 0;
  std::string said;
};

/// Sends `signal` after `wait` and waits for the end.
Ending interrupt(const std::vector<std::string>& arguments, std::chrono::milliseconds wait, int signal) {
  const TemporaryDirectory directory;
  const std::string out = (directory.path() / "out").string();
  const ::pid_t child = start_squat(arguments, out);
  REQUIRE(child > 0);
  std::this_thread::sleep_for(wait);
  REQUIRE(::kill(child, signal) == 0);
  const auto start = std::chrono::steady_clock::now();
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  Ending ending;
  ending.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ending.by_itself = WIFEXITED(status);
  ending.signal = ending.by_itself ? WEXITSTATUS(status) - 128 : WTERMSIG(status);
  ending.said = read_bytes(out);
  return ending;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kSlow = 10.0;
#else
constexpr double kSlow = 1.0;
#endif

}  // namespace

TEST_CASE("signals at random moments end the program within seconds, and it gives back what it opened") {
  const std::vector<std::string> arguments = generate_on_board({}, "40");
  std::mt19937 random(7);
  int in_a_run = 0;
  FaultTally tally("driver, signals");
  for (int i = 0; i < 12; ++i) {
    const FakeBoard board("run late 150");
    const int signal = i % 2 == 0 ? SIGINT : SIGTERM;
    const std::chrono::milliseconds wait(i < 4 ? random() % 100 : static_cast<unsigned>(400 * kSlow) + random() % 600);
    const Ending ending = interrupt(arguments, wait, signal);
    INFO(wait.count() << " ms, signal " << signal << "\n" << ending.said);
    CHECK(ending.signal == signal);
    ++(ending.signal == signal ? tally.detected : tally.silent);
    CHECK(ending.seconds < 2.0 + kSlow);
    for (const std::string& line : board.report()) CHECK(line == "device 0 closed: 0 buffers, 0 contexts alive");
    if (!ending.by_itself) continue;
    ++in_a_run;
    CHECK(ending.said.find("error: interrupted: ") != std::string::npos);
    CHECK(board.report().size() == 1);
  }
  CHECK(in_a_run >= 4);
  tally.print();
}

TEST_CASE("a second signal does not wait for a device that does not answer") {
  const FakeBoard board("upload 2 hang 30000");
  const Ending ending = interrupt(generate_on_board(), std::chrono::milliseconds(static_cast<int>(1000 * kSlow)), SIGINT);
  INFO(ending.said);
  CHECK(ending.signal == SIGINT);
  CHECK(ending.seconds < 3.0 + kSlow);
  CHECK(ending.said.find("did not return when the program was asked to stop") != std::string::npos);
}
