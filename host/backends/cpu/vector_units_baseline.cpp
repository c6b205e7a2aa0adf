// SPDX-License-Identifier: Apache-2.0
#define SQUAT_CPU_ISA isa_baseline
#include "host/backends/cpu/instruction_sets.hpp"
#include "host/backends/cpu/vector_units_body.hpp"

namespace squat::backends::cpu {

const VectorUnits& units_baseline() {
  static constexpr VectorUnits table = isa_baseline::make_units("baseline");
  return table;
}

}  // namespace squat::backends::cpu
