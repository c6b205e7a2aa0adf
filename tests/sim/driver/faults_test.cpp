// SPDX-License-Identifier: Apache-2.0
// One case per way in which a device can fail: exit code, message, time, and nothing left open.
#include <algorithm>
#include <cstdio>

#include "tests/catch.hpp"
#include "tests/sim/driver/fake_run.hpp"
#include "tests/support/fault_tally.hpp"

using namespace squat::test;

namespace {

constexpr double kLimit = 1.0;  ///< --time-limit, in seconds
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kStart = 20.0;  ///< what a process needs besides waiting, instrumented
#else
constexpr double kStart = 4.0;  ///< what a process needs besides waiting, on a busy machine
#endif

struct Case {
  std::string name;
  std::string script;
  int code;
  std::vector<std::string> says;
  bool hangs = false;  ///< a call of the driver does not return, so nothing can be given back
};

/// The fake device computes nothing: all logits are 0, so a run of two tokens that went well has the same two ids.
bool answered(const CliResult& run) {
  const nlohmann::json object = nlohmann::json::parse(run.out, nullptr, false);
  return run.code == 0 && object.is_object() && object.value("ids", std::vector<int>{}) == std::vector<int>{0, 0};
}

/// The case's exit code, all that it wants said, and nothing that could be taken for a result.
bool reported(const Case& c, const CliResult& run) {
  return run.code == c.code && run.out.empty() && !run.err.empty() &&
         std::all_of(c.says.begin(), c.says.end(),
                     [&](const std::string& text) { return run.err.find(text) != std::string::npos; });
}

/// A fault that the device stands is one without influence.
void count(const Case& c, const CliResult& run, FaultTally& tally) {
  if (c.code == 0) {
    ++(answered(run) ? tally.masked : tally.silent);
  } else {
    ++(reported(c, run) ? tally.detected : tally.silent);
  }
}

/// What became of all faults; printed when the program ends.
class Cases {
 public:
  void add(const Case& c, const TimedResult& run) {
    count(c, run.cli, tally_);
    if (run.seconds <= slowest_) return;
    slowest_ = run.seconds;
    slowest_name_ = c.name;
  }
  ~Cases() {
    tally_.print();
    std::printf("device faults: slowest %.2f s with a limit of %.0f s (%s)\n", slowest_, kLimit, slowest_name_.c_str());
  }

 private:
  FaultTally tally_{"driver, device faults"};
  double slowest_ = 0;
  std::string slowest_name_;
};

void check(const Case& c) {
  static Cases cases;
  INFO(c.name);
  const FakeBoard board(c.script);
  const TimedResult run = run_timed(generate_on_board({"--time-limit", "1"}));
  cases.add(c, run);
  INFO(run.cli.err);
  CHECK(run.cli.code == c.code);
  CHECK(run.cli.out.empty() == (c.code != 0));
  for (const std::string& text : c.says) {
    INFO(text);
    CHECK(run.cli.err.find(text) != std::string::npos);
  }
  CHECK((c.code == 0 ? answered(run.cli) : reported(c, run.cli)));
  CHECK(run.seconds < kLimit + 1.0 + kStart);
  if (c.hangs) return;
  for (const std::string& line : board.report()) CHECK(line == "device 0 closed: 0 buffers, 0 contexts alive");
}

}  // namespace

TEST_CASE("a device without faults ends with 0 and gives everything back") {
  const FakeBoard board("");
  const TimedResult run = run_timed(generate_on_board());
  INFO(run.cli.err);
  CHECK(run.cli.code == 0);
  const nlohmann::json object = nlohmann::json::parse(run.cli.out);
  CHECK(object["device"] == "fpga");
  CHECK(object["transport"] == "xrt");
  CHECK(answered(run.cli));
  CHECK(board.report() == std::vector<std::string>{"device 0 closed: 0 buffers, 0 contexts alive"});
}

TEST_CASE("devices that do not open") {
  check({"no device of that number", "devices 0", 4, {"XRT: opening device 0 failed", "--device sim"}});
  check({"does not open", "open fail", 4, {"XRT: opening device 0 failed"}});
  check({"refuses the device program", "load fail 22", 4, {"loading", "into device 0 failed"}});
  check({"opening takes for ever", "load hang 30000", 4, {"opening device 0 did not return within 1000 ms", "reset"}, true});
  check({"another program uses the kernel", "context 2+ fail 16", 4, {"another program may be using it"}});
  check({"another kernel", "set 0x100 0x12345678", 4, {"reads 0x12345678, expected 0x53515431", "check the xclbin"}});
  check({"another spec", "set 0x104 0x1", 4, {"the kernel was built from hw/spec", "this program from", "rebuild the older"}});
  check({"other capabilities",
         "set 0x10c 0x440808",
         4,
         {"the kernel reports 8 x 8 cells in 4 bands", "this program drives 16 x 16, 32, 48 or 64"}});
  check({"capabilities that are noise", "set 0x110 0xffffffff", 4, {"on-chip memory of -1 words"}});
  check({"too small on-chip memory", "set 0x110 64", 4, {"does not fit the accelerator's on-chip memories", "--device cpu"}});
  check({"registers that do not answer", "register fail", 5, {"reading a register failed"}});
  check({"a script with an error is no device", "explode", 4, {"line 1: expected a call"}});
}

TEST_CASE("memory that fails") {
  check({"out of memory", "allocate 2 fail 12", 5, {"allocating", "bytes in memory bank 0 failed"}});
  check({"a buffer that is too short", "allocate 4 short", 5, {"copying", "failed"}});
  check({"weights that do not arrive", "upload 1 fail", 5, {"copying", "of a buffer failed"}});
  check({"weights that arrive damaged", "upload 1 flip 1000", 5, {"weights were sent with CRC-32", "the device has"}});
  check({"weights that are damaged on the way back", "download 1 flip 3", 5, {"weights were sent with CRC-32"}});
  check({"a copy that never ends", "upload 2 hang 30000", 5, {"did not return within"}, true});
  check({"results that do not come back", "download 2 fail", 5, {"copying", "of a buffer failed"}});
  check({"a damaged status block", "download 2 flip 40", 5, {"device memory changed the status block's bytes"}});
}

TEST_CASE("runs that fail") {
  check({"never completes", "run 1 never", 5, {"did not end in time", "not done after 1000 ms", "squat doctor"}});
  check({"the second never completes", "run 2 never", 5, {"did not end in time"}});
  check({"completes late, in time", "run late 300", 0, {}});
  check({"completes late, too late", "run 2 late 2000", 5, {"not done after 1000 ms"}});
  check({"ends in the state error", "run 1 error", 5, {"the kernel's run ended as 'error'", "try again"}});
  check({"ends in the state time-out", "run 1 timeout", 5, {"ended by the device"}});
  check({"a garbage status block", "run 1 garbage", 5, {"the accelerator stopped with error"}});
  check({"a status block that was not written", "run 2 stale", 5, {"was not written"}});
  check({"the start is refused", "start 1 fail", 5, {"starting the kernel failed"}});
  check({"the abort is not answered", "run 1 never\nabort hang 30000", 5, {"did not answer the abort"}, true});
  check({"unplugged while it runs", "run 2 unplug", 5, {"device 0: reading a register failed", "No such device"}});
  check({"unplugged while copying", "upload 3 unplug", 5, {"copying", "No such device"}});
}

TEST_CASE("the kernel's own errors are named, with the command where it stopped") {
  const std::vector<std::pair<std::string, std::string>> errors = {
      {"1", "unknown opcode or unit in a command"},
      {"2", "address outside the buffer it names"},
      {"3", "memory answered a read with an error"},
      {"4", "memory answered a write with an error"},
      {"5", "the watchdog's cycle limit was reached"},
      {"6", "a command field is outside its range"},
      {"7", "commands, weights, parameters or embedding rows in device memory are damaged"},
      {"9", "unknown error code"},
  };
  for (const auto& [code, meaning] : errors) {
    check({"error " + code,
           "set 0x120 0x" + code + "02\nset 0x124 3",
           5,
           {"stopped with error " + code + " (" + meaning, "at command 3", "no tokens of this pass are valid"}});
  }
}

TEST_CASE("a driver that hides a device's failure is found") {
  const Case fault = {"weights that arrive damaged", "upload 1 flip 1000", 5, {"weights were sent with CRC-32"}};
  const Case stood = {"completes late, in time", "run late 300", 0, {}};
  // The run on a board with another script, and how the shell goes on where squat ended.
  const auto silent = [](const Case& c, const char* name, const std::string& script, const std::string& hidden) {
    FaultTally tally(std::string("a broken driver: ") + name);
    const FakeBoard board(script);
    count(c, run_cli(generate_on_board({"--time-limit", "1"}), hidden), tally);
    tally.print();
    return tally.silent;
  };
  CHECK(silent(fault, "none, to compare", fault.script, "") == 0);
  CHECK(silent(fault, "the exit code lost", fault.script, "|| true") == 1);
  CHECK(silent(fault, "another exit code", fault.script, "|| exit 3") == 1);
  CHECK(silent(fault, "the message lost", fault.script, "2>/dev/null") == 1);
  CHECK(silent(fault, "a result all the same", "", "") == 1);
  CHECK(silent(stood, "no result of a fault that it stands", stood.script, ">/dev/null") == 1);
}
