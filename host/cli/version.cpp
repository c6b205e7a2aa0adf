// SPDX-License-Identifier: Apache-2.0
#include "host/cli/version.hpp"

#include <sys/utsname.h>

#include <fstream>
#include <thread>

#include "host/xclbin/recipe.hpp"
#include "squat_commit.hpp"

namespace squat::cli {

std::string version_text() { return std::string("squat ") + SQUAT_VERSION + " (" + SQUAT_COMMIT + ")"; }

std::string compiler_text() {
#if defined(__clang__)
  const std::string name = "clang ";
#else
  const std::string name = "g++ ";
#endif
  return name + __VERSION__ + ", " + SQUAT_BUILD_TYPE;
}

std::string spec_hash_text() { return xclbin::spec_hash_digits(); }

std::string shell_line(const std::string& command, const std::vector<std::string>& arguments) {
  std::string line = command;
  for (const std::string& argument : arguments) {
    const bool plain = !argument.empty() && argument.find_first_not_of(
                                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                                "%+,-./:=@_") == std::string::npos;
    if (plain) {
      line += " " + argument;
      continue;
    }
    line += " '";
    for (const char c : argument) line += c == '\'' ? "'\\''" : std::string(1, c);
    line += "'";
  }
  return line;
}

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.compare(0, 10, "model name") == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  utsname system{};
  return uname(&system) == 0 ? system.machine : "unknown";
}

nlohmann::ordered_json environment(int threads) {
  utsname system{};
  const bool known = uname(&system) == 0;
  return {{"cpu", cpu_name()},
          {"cores", std::thread::hardware_concurrency()},
          {"threads", threads},
          {"os", known ? std::string(system.sysname) + " " + system.release + " " + system.machine : "unknown"},
          {"compiler", compiler_text()},
          {"commit", SQUAT_COMMIT},
          {"spec_hash", spec_hash_text()}};
}

}  // namespace squat::cli
