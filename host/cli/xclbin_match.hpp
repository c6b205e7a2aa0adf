// SPDX-License-Identifier: Apache-2.0
// Does a device program hold the accelerator this program drives?
#pragma once

#include <string>
#include <vector>

#include "host/xclbin/xclbin.hpp"

namespace squat::cli {

struct Mismatch {
  std::string what, expected, found;
};

/// What keeps this program from driving the accelerator of `x`, as far as the file tells: kernel, control protocol, arguments
/// with their registers and ports, connections to memory (buffers are shared, so arguments of one buffer need one memory), and
/// the spec hash of its manifest. Empty: nothing.
std::vector<Mismatch> mismatches(const xclbin::Xclbin& x);

/// The text field of the manifest that the file carries, empty without one: "spec_hash", "board".
std::string manifest_field(const xclbin::Xclbin& x, const char* field);

}  // namespace squat::cli
