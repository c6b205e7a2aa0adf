// SPDX-License-Identifier: Apache-2.0
#define SQUAT_CPU_ISA isa_v4
#ifndef __clang__  // it has no such attribute
#define SQUAT_SHORT_ROWS __attribute__((target("prefer-vector-width=256")))
#endif
#include "host/backends/cpu/instruction_sets.hpp"
#include "host/backends/cpu/vector_units_body.hpp"

namespace squat::backends::cpu {

const VectorUnits& units_v4() {
  static constexpr VectorUnits table = isa_v4::make_units("v4");
  return table;
}

}  // namespace squat::backends::cpu
