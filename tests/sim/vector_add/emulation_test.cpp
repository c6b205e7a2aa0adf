// SPDX-License-Identifier: Apache-2.0
// The emulation library with a kernel and a host program that know nothing of this project.
#include <filesystem>
#include <fstream>

#include "sim/xrt_emulation/xrt_version.hpp"
#include "tests/catch.hpp"
#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;
namespace fs = std::filesystem;

namespace {

/// Runs the host program with the kernel built as one kind and described to XRT as one kind; two devices.
CliResult run_host(const std::string& kernel, const std::string& xclbin, const TemporaryDirectory& directory) {
  const Variable xrt("XILINX_XRT", (std::string(VECTOR_ADD) + "/" + kernel).c_str());
  const Variable mode("XCL_EMULATION_MODE", "hw_emu"), devices("SQUAT_SIM_DEVICES", "2");
  const Variable report("SQUAT_SIM_REPORT", (directory.path() / "report").c_str());
  return run_cli({std::string(VECTOR_ADD) + "/" + xclbin + ".xclbin", "2"});
}

}  // namespace

TEST_CASE("an unmodified host program drives two units on two devices, with ap_ctrl_hs and with ap_ctrl_chain") {
  for (const std::string kind : {"hs", "chain"}) {
    const TemporaryDirectory directory;
    const CliResult result = run_host(kind, kind, directory);
    INFO(kind << "\n" << result.out << result.err);
    CHECK(result.code == 0);
    // The access beyond the memory is loud, on both devices.
    const std::size_t first = result.err.find("outside the device memory");
    REQUIRE(first != std::string::npos);
    CHECK(result.err.find("outside the device memory", first + 1) != std::string::npos);
    const std::string report = read_bytes(directory.path() / "report");
    CHECK(report.rfind("device 0 closed: 0 buffers, 0 contexts alive;", 0) == 0);
    CHECK(report.find("\ndevice 1 closed: 0 buffers, 0 contexts alive;") != std::string::npos);
  }
}

TEST_CASE("a chained kernel that is driven as one that is not stays done, and its second run is wrong") {
  const TemporaryDirectory directory;
  const CliResult result = run_host("chain", "hs", directory);
  INFO(result.out << result.err);
  CHECK(result.code == 1);
  CHECK(result.out.find("device 0: a wrong sum") != std::string::npos);
}

TEST_CASE("another XRT than the one built for is one clear message") {
  const TemporaryDirectory directory;
  const fs::path copy = directory.path() / "libxrt_coreutil.so.2.99.0";
  fs::copy_file(fs::canonical(XRT_COREUTIL), copy);
  fs::create_symlink(copy, directory.path() / "libxrt_coreutil.so.2");
  const Variable path("LD_LIBRARY_PATH", directory.path().c_str());
  const CliResult result = run_host("hs", "hs", directory);
  INFO(result.err);
  CHECK(result.code == 2);
  const std::size_t first = result.err.find("was built for XRT 2.13, the program runs with XRT 2.99");
  REQUIRE(first != std::string::npos);
  CHECK(result.err.find("was built for", first + 1) == std::string::npos);
}

TEST_CASE("versions fit when major and minor do") {
  using squat::sim::xrt_mismatch;
  CHECK(xrt_mismatch("2.13.0", "/usr/lib/libxrt_coreutil.so.2.13.479").empty());
  CHECK(xrt_mismatch("2.13.0", "/opt/xilinx/xrt/lib/libxrt_coreutil.so").empty());  // says nothing of a version
  CHECK(xrt_mismatch("2.13.0", "/x/libxrt_coreutil.so.2.16.204").find("XRT 2.16 (/x/") != std::string::npos);
  CHECK(!xrt_mismatch("2.13.0", "/x/libxrt_coreutil.so.12.13.0").empty());
}
