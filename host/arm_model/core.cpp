// SPDX-License-Identifier: Apache-2.0
#include "host/arm_model/core.hpp"

namespace squat::arm_model {

const std::vector<Core>& cores() {
  static const std::vector<Core> all = {
      {"cortex-a53", "neon", "AMD Kria KV260", 1333, 4, 19.2, 4.0, "64-bit DDR4-2400",
       "assumed: a fifth of the peak; no published measurement found"},
      {"cortex-a76", "dotprod", "Raspberry Pi 5", 2400, 4, 17.07, 9.1, "32-bit LPDDR4X-4267",
       "tinymembench, reading by one core: raspberrypi/firmware#1876"},
      {"cortex-x3", "i8mm", "OnePlus 11 (Snapdragon 8 Gen 2)", 3200, 1, 67.2, 40.0, "64-bit LPDDR5X-8400",
       "assumed: three fifths of the peak; no published measurement found"},
  };
  return all;
}

}  // namespace squat::arm_model
