// SPDX-License-Identifier: Apache-2.0
// Whether the emulation library belongs to the XRT that loads it: its interface to XRT changes between minor versions.
#pragma once

#include <string>

namespace squat::sim {

/// Path of the library of this process that `symbol` lies in, symbolic links resolved, for example
/// ".../libxrt_coreutil.so.2.13.0"; empty when there is none.
std::string library_of(const void* symbol);

/// Empty when `path` ends in the major and minor version of `built` ("2.13.0"), or names no version; else one sentence
/// naming both and what to do.
std::string xrt_mismatch(const std::string& built, const std::string& path);

}  // namespace squat::sim
