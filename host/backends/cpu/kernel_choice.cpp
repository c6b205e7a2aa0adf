// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/kernel_choice.hpp"

#include "host/backends/cpu/instruction_sets.hpp"
#include "host/model/error.hpp"

namespace squat::backends::cpu {

const std::vector<const KernelSet*>& kernel_sets() {
  static const std::vector<const KernelSet*> sets = {
#ifdef SQUAT_CPU_X86_LEVELS
      &kernels_avx512vnni(), &kernels_avx2(),
#endif
#ifdef SQUAT_CPU_ARM_LEVELS
      &kernels_i8mm(),       &kernels_dotprod(), &kernels_neon(), &kernels_mkmp(),
#endif
      &kernels_scalar(),
  };
  return sets;
}

std::string kernel_names() {
  std::string names;
  for (const KernelSet* set : kernel_sets()) {
    names += (names.empty() ? "" : ", ") + std::string(set->name);
    if (!set->supported()) names += std::string(" (not on this processor: needs ") + set->needs + ")";
  }
  return names;
}

const KernelSet& choose_kernels(const std::string& name) {
  for (const KernelSet* set : kernel_sets()) {
    if (name == "auto" && set->supported() && self_test(*set)) return *set;
    if (name != set->name) continue;
    if (!set->supported()) {
      throw Error(ExitCode::kDeviceUnavailable,
                  "kernel \"" + name + "\": this processor lacks " + set->needs + "; choose auto or one of: " + kernel_names());
    }
    if (!self_test(*set)) {
      throw Error(ExitCode::kDeviceUnavailable, "kernel \"" + name +
                                                    "\" fails its self-test on this processor, so its results would be wrong; "
                                                    "choose auto or one of: " +
                                                    kernel_names());
    }
    return *set;
  }
  throw Error(ExitCode::kDeviceUnavailable,
              "kernel \"" + name + "\" is not in this build; choose auto or one of: " + kernel_names());
}

}  // namespace squat::backends::cpu
