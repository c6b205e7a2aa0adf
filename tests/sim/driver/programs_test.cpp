// SPDX-License-Identifier: Apache-2.0
// Sound device programs of other kernels: refused before anything is allocated, with what does not fit.
#include <functional>

#include "host/xclbin/reader.hpp"
#include "host/xclbin/writer.hpp"
#include "tests/catch.hpp"
#include "tests/sim/driver/fake_run.hpp"

using namespace squat;
using namespace squat::test;

namespace {

/// Runs with the built program after `change`; the run must end with 4 and say `problem`.
void check_program(const std::function<void(xclbin::Xclbin&)>& change, const std::string& problem) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "other.xclbin";
  xclbin::Xclbin x = xclbin::read_xclbin(FAKE_XCLBIN);
  x.user_metadata = "{}";  // another file, another CRC
  change(x);
  write_bytes(path, xclbin::write_xclbin(x));
  std::vector<std::string> arguments = generate_on_board();
  std::replace(arguments.begin(), arguments.end(), std::string(FAKE_XCLBIN), path);
  const FakeBoard board("");
  const CliResult run = run_cli(arguments);
  INFO(run.err);
  if (problem.empty()) {
    CHECK(run.code == 0);
    return;
  }
  CHECK(run.code == 4);
  CHECK(run.out.empty());
  CHECK(run.err.find(path + ": expected a kernel with the arguments of this program's accelerator, found " + problem +
                     "; give --xclbin the device program built from this version") != std::string::npos);
}

}  // namespace

TEST_CASE("device programs of other kernels are refused with what does not fit") {
  using xclbin::Xclbin;
  check_program([](Xclbin&) {}, "");
  check_program([](Xclbin& x) { x.kernels[0].arguments[5].name = "cache"; }, "none: kernel squat_kernel has no argument kv");
  check_program([](Xclbin& x) { x.kernels[0].arguments[6].offset = 0x054; },
                "none: kernel squat_kernel has argument io at register 0x054, this program expects 0x050");
  check_program([](Xclbin& x) { x.connections.erase(x.connections.begin()); },
                "none: kernel squat_kernel has argument cmd connected to no memory");
}
