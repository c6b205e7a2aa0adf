// SPDX-License-Identifier: Apache-2.0
#include "host/cli/probe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

namespace squat::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kReapLimit{1000};
constexpr std::size_t kMaxAnswer = std::size_t{1} << 20;
constexpr const char* kReport = "report it with the output of squat doctor --format json";

std::string to_text(const std::vector<Check>& checks) {
  Json rows = Json::array();
  for (const Check& check : checks) rows.push_back({check.name, check.status, check.found, check.fix});
  return rows.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool from_text(const std::string& text, std::vector<Check>& checks) {
  const Json rows = Json::parse(text, nullptr, false);
  if (!rows.is_array()) return false;
  for (const Json& row : rows) {
    const bool complete = row.is_array() && row.size() == 4 &&
                          std::all_of(row.begin(), row.end(), [](const Json& value) { return value.is_string(); });
    if (!complete) return false;
    checks.push_back({row[0], row[1], row[2], row[3]});
  }
  return true;
}

/// Runs in the child. Leaves without destructors: they would flush what the parent also holds, and may wait.
[[noreturn]] void answer(int pipe, const std::string& name, const std::function<std::vector<Check>()>& probe) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  if (nowhere >= 0) ::dup2(nowhere, STDOUT_FILENO);
  std::string text;
  try {
    text = to_text(probe());
  } catch (const std::exception& error) {
    text = to_text({{name, "problem", error.what(), kReport}});
  } catch (...) {
    text = to_text({{name, "problem", "an exception of unknown type", kReport}});
  }
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(pipe, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  ::_exit(0);
}

/// Reads until the writer closes or `end` passes; false when it passed.
bool read_until(int pipe, Clock::time_point end, std::string& text) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{pipe, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<long long>(left, 60000)));
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    char part[4096];
    const ssize_t got = ::read(pipe, part, sizeof part);
    if (got == 0) return true;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 || text.size() > kMaxAnswer) return true;
    text.append(part, static_cast<std::size_t>(got));
  }
}

/// Collects an ended child; false when it has not ended within `limit`: a call that hangs in a driver outlives even SIGKILL.
bool reap(pid_t child, std::chrono::milliseconds limit, int& status) {
  const auto end = Clock::now() + limit;
  for (;;) {
    const pid_t got = ::waitpid(child, &status, WNOHANG);
    if (got == child || (got < 0 && errno != EINTR)) return true;
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

std::vector<Check> run_probe(const std::string& name, std::chrono::milliseconds limit,
                             const std::function<std::vector<Check>()>& probe) {
  const auto problem = [&](const std::string& found, const std::string& fix) {
    return std::vector<Check>{{name, "problem", found, fix}};
  };
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return problem(std::string("no pipe: ") + std::strerror(errno), "close other programs");
  const pid_t child = ::fork();
  if (child < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return problem(std::string("no process: ") + std::strerror(errno), "close other programs");
  }
  if (child == 0) answer(ends[1], name, probe);
  ::close(ends[1]);
  std::string text;
  const bool in_time = read_until(ends[0], Clock::now() + limit, text);
  ::close(ends[0]);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  if (!reap(child, kReapLimit, status))
    return problem(
        "did not answer within " + std::to_string(limit.count()) + " ms and cannot be stopped: it hangs in the kernel",
        "reboot, and report the kernel's log (dmesg) to the maker of the driver");
  if (!in_time)
    return problem("did not answer within " + std::to_string(limit.count()) + " ms and was stopped",
                   "the driver or device behind it hangs: reset the card or reboot, then run squat doctor again");
  if (WIFSIGNALED(status))
    return problem("crashed: " + std::string(::strsignal(WTERMSIG(status))), "install the library or driver behind it again");
  std::vector<Check> checks;
  if (!from_text(text, checks)) return problem("ended without an answer", kReport);
  return checks;
}

}  // namespace squat::cli
