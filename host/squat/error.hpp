// SPDX-License-Identifier: Apache-2.0
// The one exception type that leaves squat, and the exit codes of the command line.
#pragma once

#include <stdexcept>
#include <string>

#include "export.hpp"

namespace squat {

/// Kinds of errors, which are the process exit codes of the command squat; fixed, outside programs rely on them.
enum class ExitCode : int {
  kOk = 0,                 ///< never that of an Error
  kCheckFailed = 1,        ///< a comparison or check did not hold; the library throws none
  kUsage = 2,              ///< an argument is out of its range, or decides nothing
  kBadInput = 3,           ///< a file is missing, damaged or of another format
  kDeviceUnavailable = 4,  ///< device, instruction set or run-time part is not in this build or this machine
  kDeviceFailed = 5,       ///< device hung, failed, or was stopped
  kInternal = 6,           ///< a defect of squat, or no memory
};

/// An error whose text names file, tensor or field, offset, expected, found, and what to do about it. Text in English, UTF-8,
/// one line.
class SQUAT_API Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

}  // namespace squat
