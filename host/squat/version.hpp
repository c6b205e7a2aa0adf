// SPDX-License-Identifier: Apache-2.0
// Which library this is.
#pragma once

#include "export.hpp"

namespace squat {

/// "0.1.0": major.minor.patch of the library that is loaded. While the major number is 0 neither the interface nor the ABI is
/// stable: a minor version may change anything, so the library's name, libsquat.so.0.1, holds both numbers and a program never
/// loads another one.
SQUAT_API const char* version() noexcept;

}  // namespace squat
