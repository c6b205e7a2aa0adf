// SPDX-License-Identifier: Apache-2.0
// The array's bands, over which weights and, where it pays, attention are spread column by column.
#pragma once

#include <type_traits>

namespace squat::engine {

inline constexpr int kBands = 4;

/// The least multiple of step (at least 1) that is not below value (at least 0).
template <typename T>
constexpr T round_up(T value, std::common_type_t<T> step) {
  return (value + step - 1) / step * step;
}

}  // namespace squat::engine
