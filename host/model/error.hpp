// SPDX-License-Identifier: Apache-2.0
// Errors (host/squat/error.hpp) of the two commonest kinds.
#pragma once

#include <string>

#include "host/squat/error.hpp"

namespace squat {

inline Error usage_error(const std::string& what) { return Error(ExitCode::kUsage, what); }
inline Error input_error(const std::string& what) { return Error(ExitCode::kBadInput, what); }

}  // namespace squat
