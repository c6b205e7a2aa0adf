// SPDX-License-Identifier: Apache-2.0
// Checks of real-valued options. CLI11's own ranges compare, and NaN passes every comparison.
#pragma once

#include "host/cli/cli11_fwd.hpp"

namespace squat::cli {

/// A finite number from `least` to `most`.
CLI::Validator real_from(double least, double most);
/// A finite number above 0.
CLI::Validator positive_real();
/// A finite number, 0 or more.
CLI::Validator non_negative_real();

}  // namespace squat::cli
