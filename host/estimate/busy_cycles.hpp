// SPDX-License-Identifier: Apache-2.0
// How long one command keeps its unit busy, from its record alone: the formulas of docs/reference/cycles.md.
#pragma once

#include <cstdint>

#include "hw/gen/squat_spec.hpp"

namespace squat::estimate {

/// Busy cycles as the profile records of the accelerator count them (hw/spec/profile.json), of a command that no other unit
/// delays at a shared memory or at port 0. eight: 8-bit tokens of the width table that a grouped gemm reads, otherwise unused.
/// beat_words: 16-byte words in a beat of the ports that weights come through.
std::uint64_t busy_cycles(const spec::Record& command, unsigned eight = 0, unsigned beat_words = 1);

}  // namespace squat::estimate
