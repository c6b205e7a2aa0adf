// SPDX-License-Identifier: Apache-2.0
// Writing a device program's description as an xclbin file: what the simulated device needs, without a bitstream.
#pragma once

#include <string>

#include "host/xclbin/xclbin.hpp"

namespace squat::xclbin {

/// The file's bytes, the same for the same `x`: the tables that are not empty, the XML when there are kernels, then
/// user_metadata. `bytes`, `sections` and the signature of `x` are not looked at: sections are laid out here, nothing is
/// signed. Where user_metadata holds kUnstamped (self_check.hpp), the file gets a CRC-32 of itself there and announces it.
/// Throws input_error for texts longer than their fields.
std::string write_xclbin(const Xclbin& x);

}  // namespace squat::xclbin
