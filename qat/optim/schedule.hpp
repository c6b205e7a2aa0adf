// SPDX-License-Identifier: Apache-2.0
// Learning rate over time: linear warm-up, then half a cosine.
#pragma once

#include <cstdint>

namespace squat::qat {

struct Schedule {
  double peak = 2.5e-4;
  std::int64_t warmup = 0;  ///< steps from 0 up to the peak; step 0 then has rate 0
  std::int64_t total = 1;   ///< steps altogether; the rate would reach the floor at this step
  double floor = 0.0;       ///< share of the peak that is left at the end, 0..1

  /// Rate of a step counted from 0; as Hugging Face's get_cosine_schedule_with_warmup when floor is 0.
  double rate(std::int64_t step) const;
};

}  // namespace squat::qat
