// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "host/cli/checks.hpp"
#include "host/cli/version.hpp"
#include "host/cli/xclbin_match.hpp"
#include "host/model/error.hpp"
#include "host/xclbin/reader.hpp"

namespace squat::cli {
namespace {

/// XRT takes emulation programs only in their mode, and others only without one.
Check mode_check(const xclbin::Xclbin& x) {
  const char* variable = std::getenv("XCL_EMULATION_MODE");
  const std::string mode = variable != nullptr ? variable : "";
  std::string wanted;
  if (x.mode == xclbin::Mode::kHwEmu || x.mode == xclbin::Mode::kHwEmuPartial) wanted = "hw_emu";
  if (x.mode == xclbin::Mode::kSwEmu) wanted = "sw_emu";
  const std::string found =
      "made for " + (wanted.empty() ? "hardware" : wanted) + ", XCL_EMULATION_MODE is " + (mode.empty() ? "not set" : mode);
  if (mode == wanted) return {"xclbin mode", "ok", found, ""};
  return {"xclbin mode", "problem", found,
          wanted.empty() ? "unset XCL_EMULATION_MODE" : "use --device sim, or give the board's xclbin"};
}

}  // namespace

std::vector<Check> xclbin_checks(const std::string& path) {
  xclbin::Xclbin x;
  try {
    x = xclbin::read_xclbin(path);
  } catch (const Error& error) {
    return {{"xclbin", "problem", error.what(), "give the file that the build for this board wrote (docs/start)"}};
  }
  std::vector<Check> rows = {
      {"xclbin", "ok",
       x.platform + ", uuid " + xclbin::uuid_text(x.uuid) + ", " + std::to_string(x.sections.size()) + " sections", ""}};
  const std::string again = "build the xclbin and squat from the same sources";
  for (const Mismatch& m : mismatches(x))
    rows.push_back({"xclbin " + m.what, "problem", m.found + ", expected " + m.expected, again});
  if (rows.size() == 1) rows.push_back({"xclbin kernel", "ok", "kernel, arguments and memories are this program's", ""});
  if (manifest_field(x, "spec_hash").empty()) {
    rows.push_back({"xclbin spec hash", "absent", "the file has no manifest; the kernel's registers tell when it is opened",
                    "make -C bitstreams writes one (docs/start)"});
  } else if (manifest_field(x, "spec_hash") == spec_hash_text()) {
    rows.push_back({"xclbin spec hash", "ok", spec_hash_text() + ", as this program's", ""});
  }
  rows.push_back(mode_check(x));
  return rows;
}

}  // namespace squat::cli
