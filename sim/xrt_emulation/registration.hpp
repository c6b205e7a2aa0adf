// SPDX-License-Identifier: Apache-2.0
// How the emulation library makes itself known to libxrt_coreutil. The classes for that come from five objects of the
// distribution's libxrt_hwemu.a, linked unmodified, because their headers are not packaged.
#pragma once

#include <xclbin.h>

#include <memory>

namespace xrt_core {
class device;  // opaque here
}

namespace squat::sim {

/// XRT's own object for the device behind `handle`.
std::shared_ptr<xrt_core::device> core_device(void* handle, unsigned index);
void register_xclbin(xrt_core::device& device, const axlf* top);

/// Some symbol of the libxrt_coreutil in this process.
const void* coreutil_symbol();

}  // namespace squat::sim
