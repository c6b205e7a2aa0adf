// SPDX-License-Identifier: Apache-2.0
// Which kernel set runs: the best one that this processor has, or the one asked for.
#pragma once

#include <string>
#include <vector>

#include "host/backends/cpu/kernel_set.hpp"

namespace squat::backends::cpu {

/// Every set in this binary, the fastest first; "scalar" is the last.
const std::vector<const KernelSet*>& kernel_sets();

/// Their names, with what those need that this processor cannot run: "avx512vnni (needs ...), avx2, scalar".
std::string kernel_names();

/// The set named, or for "auto" the first that this processor supports and that passes its self-test.
/// Throws an Error (device unavailable) that lists the sets for an unknown name, a set this processor lacks, or one that
/// computes wrong results here.
const KernelSet& choose_kernels(const std::string& name);

/// Small products and units of a set against plain loops. Only to be called when the processor supports the set.
bool self_test(const KernelSet& set);

}  // namespace squat::backends::cpu
