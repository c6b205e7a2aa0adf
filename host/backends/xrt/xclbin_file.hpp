// SPDX-License-Identifier: Apache-2.0
// A look at a device program before XRT gets it: XRT 2.13 itself reads beyond the end of a file that is too short.
#pragma once

#include <string>

namespace squat::backends {

/// Throws an input_error unless `path` is a regular file with the magic and header of <xclbin.h>, at least as long as its
/// header says and with every section within it. The sections' contents are XRT's to judge.
void check_xclbin(const std::string& path);

}  // namespace squat::backends
