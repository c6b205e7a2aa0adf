// SPDX-License-Identifier: Apache-2.0
// The kernels of a device program: the XML of the section EMBEDDED_METADATA.
#pragma once

#include <string>
#include <vector>

#include "host/xclbin/part.hpp"
#include "host/xclbin/xclbin.hpp"

namespace squat::xclbin {

/// The kernels under project/platform/device/core. Throws input_error for malformed XML, missing or malformed attributes, and
/// arguments, ports or kernels named twice, argument indices with gaps, arguments at ports the kernel does not have.
std::vector<Kernel> read_kernels(const Part& part);

/// The XML that XRT 2.13 takes: platform, device, core, kernels and their clock.
std::string write_kernels(const Xclbin& x);

}  // namespace squat::xclbin
