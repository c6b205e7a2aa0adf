// SPDX-License-Identifier: Apache-2.0
// Runs of the command squat on the fake device: genuine XRT, the driver a board gets, and a script in place of the board.
#pragma once

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/host/cli/cli_run.hpp"

namespace squat::test {

/// The environment of a fake board with this script, and the report of what was left open.
class FakeBoard {
 public:
  explicit FakeBoard(const std::string& script)
      : xrt_("XILINX_XRT", FAKE_XRT),
        mode_("XCL_EMULATION_MODE", "hw_emu"),
        script_("SQUAT_FAKE_SCRIPT", (directory_.path() / "script").c_str()),
        report_("SQUAT_SIM_REPORT", (directory_.path() / "report").c_str()) {
    write_bytes(directory_.path() / "script", script);
  }

  /// What the devices said when they were closed, one line each, without times.
  std::vector<std::string> report() const {
    std::vector<std::string> lines;
    std::ifstream file(directory_.path() / "report");
    for (std::string line; std::getline(file, line);) lines.push_back(line.substr(0, line.find(';')));
    std::sort(lines.begin(), lines.end());
    return lines;
  }

 private:
  TemporaryDirectory directory_;
  Variable xrt_, mode_, script_, report_;
};

/// squat generate on the fake board; `more` is added to the command line.
inline std::vector<std::string> generate_on_board(const std::vector<std::string>& more = {}, const std::string& tokens = "2") {
  std::vector<std::string> arguments = {"generate",
                                        "--model",
                                        quantized_tales().string(),
                                        "--prompt",
                                        "There was once a King",
                                        "--tokens",
                                        tokens,
                                        "--device",
                                        "fpga",
                                        "--xclbin",
                                        FAKE_XCLBIN,
                                        "--format",
                                        "json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

struct TimedResult {
  CliResult cli;
  double seconds = 0;
};

inline TimedResult run_timed(const std::vector<std::string>& arguments) {
  const auto start = std::chrono::steady_clock::now();
  TimedResult result;
  result.cli = run_cli(arguments);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace squat::test
