// SPDX-License-Identifier: Apache-2.0
// Everything that can be thrown, as the one exception type of squat.
#pragma once

#include "host/model/error.hpp"

namespace squat {

/// Only in a catch block: the exception in flight as an Error. A file system's error is kBadInput, all that is no Error
/// otherwise kInternal.
Error error_in_flight();

}  // namespace squat
