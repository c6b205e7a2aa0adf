// SPDX-License-Identifier: Apache-2.0
#include "qat/optim/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace squat::qat {

double Schedule::rate(std::int64_t step) const {
  if (step < warmup) return peak * static_cast<double>(step) / static_cast<double>(warmup);
  const auto span = static_cast<double>(std::max<std::int64_t>(1, total - warmup));
  const double done = std::min(1.0, static_cast<double>(step - warmup) / span);
  const double cosine = 0.5 * (1.0 + std::cos(3.14159265358979323846 * done));
  return peak * (floor + (1.0 - floor) * cosine);
}

}  // namespace squat::qat
