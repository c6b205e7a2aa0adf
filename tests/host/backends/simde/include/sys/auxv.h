// SPDX-License-Identifier: Apache-2.0
// SIMDe has every instruction, so an Arm processor that it stands for has every feature.
#pragma once

constexpr unsigned long AT_HWCAP = 16, AT_HWCAP2 = 26;
constexpr unsigned long HWCAP_ASIMDDP = 1UL << 20, HWCAP2_I8MM = 1UL << 13;

inline unsigned long getauxval(unsigned long) { return ~0UL; }
