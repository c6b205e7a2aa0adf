// SPDX-License-Identifier: Apache-2.0
#define SQUAT_CPU_ISA isa_v3
#include "host/backends/cpu/instruction_sets.hpp"
#include "host/backends/cpu/vector_units_body.hpp"

namespace squat::backends::cpu {

const VectorUnits& units_v3() {
  static constexpr VectorUnits table = isa_v3::make_units("v3");
  return table;
}

}  // namespace squat::backends::cpu
