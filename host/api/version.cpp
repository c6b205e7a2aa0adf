// SPDX-License-Identifier: Apache-2.0
#include "host/squat/version.hpp"

namespace squat {

const char* version() noexcept { return SQUAT_VERSION; }

}  // namespace squat
