// SPDX-License-Identifier: Apache-2.0
// What the emulated device needs from an xclbin: its memory banks and its compute units.
#pragma once

#include <xclbin.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel_model.hpp"

namespace squat::sim {

struct XclbinBank {
  std::uint64_t base = 0, bytes = 0;
  bool used = false;
};

struct XclbinUnit {
  std::string name;  ///< "kernel:instance"
  std::uint64_t base = 0;
  Handshake handshake;
};

struct XclbinView {
  static constexpr std::size_t kMostUnits = 32;  ///< that the one mask of a command packet can name

  std::vector<XclbinBank> banks;  ///< in the order of XRT's memory indices
  std::vector<XclbinUnit> units;  ///< of one kernel, in the order of XRT's unit indices
};

/// Throws squat::Error (kDeviceUnavailable) when the file does not describe a device with 1..kMostUnits units of one kernel
/// that is controlled with ap_ctrl_hs or ap_ctrl_chain.
XclbinView view_xclbin(const axlf* top);

}  // namespace squat::sim
