// SPDX-License-Identifier: Apache-2.0
// What the emulated device needs from an xclbin: its memory banks and its one kernel.
#pragma once

#include <xclbin.h>

#include <cstdint>
#include <string>
#include <vector>

namespace squat::sim {

struct XclbinBank {
  std::uint64_t base = 0, bytes = 0;
  bool used = false;
};

struct XclbinView {
  std::vector<XclbinBank> banks;  ///< in the order of XRT's memory indices
  std::string kernel;             ///< "kernel:instance"
};

/// Throws squat::Error (kDeviceUnavailable) when the file does not describe a device with one ap_ctrl_hs kernel.
XclbinView view_xclbin(const axlf* top);

}  // namespace squat::sim
