// SPDX-License-Identifier: Apache-2.0
// The Arm processors that time is modelled for, with the bandwidth constants and where those come from.
#pragma once

#include <string>
#include <vector>

namespace squat::arm_model {

struct Core {
  const char* name;    ///< as in costs.json
  const char* kernel;  ///< the kernel set that --kernel auto would take there
  const char* board;
  int clock_mhz;
  int count;              ///< cores of this kind
  double peak_gb_s;       ///< of the memory interface, from its data sheet: nothing is faster
  double sustained_gb_s;  ///< reached by a stream of reads: a published measurement, or an assumption that says so
  const char* peak_source;
  const char* sustained_source;
};

/// Cortex-A53, Cortex-A76 and Cortex-X3.
const std::vector<Core>& cores();

/// How much slower real processors ran the one kernel whose speed is published than the model says: from 1 to this.
/// TinyLlama Q8_0 prompts on a Raspberry Pi 5 took 0.22 to 0.28 cycles per multiply-add, the model of the same kernel says
/// 0.176.
constexpr double kSlowestOverModel = 1.6;

}  // namespace squat::arm_model
