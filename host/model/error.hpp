// SPDX-License-Identifier: Apache-2.0
// The one exception type that leaves a library function, and the exit codes of the command line.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace squat {

/// Process exit codes; fixed, outside programs rely on them.
enum class ExitCode : int {
  kOk = 0,
  kCheckFailed = 1,
  kUsage = 2,
  kBadInput = 3,
  kDeviceUnavailable = 4,
  kDeviceFailed = 5,
  kInternal = 6,
};

/// An error whose text names file, tensor or field, offset, expected, found, and what to do about it.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

inline Error usage_error(const std::string& what) { return Error(ExitCode::kUsage, what); }
inline Error input_error(const std::string& what) { return Error(ExitCode::kBadInput, what); }

}  // namespace squat
