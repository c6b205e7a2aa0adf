// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "host/xclbin/xclbin.hpp"

namespace squat::xclbin {
namespace {

template <std::size_t N>
std::string name_of(const char* const (&names)[N], std::uint64_t value, const char* what) {
  return value < N ? names[value] : what + (" " + std::to_string(value));
}

}  // namespace

std::string kind_name(std::uint32_t kind) {
  static const char* const names[] = {"BITSTREAM",
                                      "CLEARING_BITSTREAM",
                                      "EMBEDDED_METADATA",
                                      "FIRMWARE",
                                      "DEBUG_DATA",
                                      "SCHED_FIRMWARE",
                                      "MEM_TOPOLOGY",
                                      "CONNECTIVITY",
                                      "IP_LAYOUT",
                                      "DEBUG_IP_LAYOUT",
                                      "DESIGN_CHECK_POINT",
                                      "CLOCK_FREQ_TOPOLOGY",
                                      "MCS",
                                      "BMC",
                                      "BUILD_METADATA",
                                      "KEYVALUE_METADATA",
                                      "USER_METADATA",
                                      "DNA_CERTIFICATE",
                                      "PDI",
                                      "BITSTREAM_PARTIAL_PDI",
                                      "PARTITION_METADATA",
                                      "EMULATION_DATA",
                                      "SYSTEM_METADATA",
                                      "SOFT_KERNEL",
                                      "ASK_FLASH",
                                      "AIE_METADATA",
                                      "GROUP_TOPOLOGY",
                                      "GROUP_CONNECTIVITY",
                                      "SMARTNIC",
                                      "AIE_RESOURCES",
                                      "OVERLAY",
                                      "VENDER_METADATA"};
  return name_of(names, kind, "kind");
}

std::string mode_name(Mode mode) {
  static const char* const names[] = {"flat",   "partial", "tandem_stage2", "tandem_stage2_partial",
                                      "hw_emu", "sw_emu",  "hw_emu_partial"};
  return name_of(names, static_cast<std::uint64_t>(mode), "mode");
}

std::string memory_type_name(std::uint8_t type) {
  static const char* const names[] = {"DDR3",   "DDR4",     "DRAM", "streaming", "preallocated",
                                      "Aurora", "HBM",      "BRAM", "URAM",      "streaming connection",
                                      "host",   "PS kernel"};
  return name_of(names, type, "type");
}

std::string ip_type_name(std::uint32_t type) {
  static const char* const names[] = {"MicroBlaze", "kernel", "DNASC",        "DDR4 controller",
                                      "DDR4",       "HBM",    "HBM with ECC", "PS kernel"};
  return name_of(names, type, "type");
}

std::string control_name(std::uint32_t control) {
  static const char* const names[] = {"ap_ctrl_hs", "ap_ctrl_chain", "ap_ctrl_none",
                                      "ap_ctrl_me", "accel_adapter", "fast_adapter"};
  return name_of(names, control, "control");
}

std::string clock_type_name(std::uint8_t type) {
  static const char* const names[] = {"unused", "data", "kernel", "system"};
  return name_of(names, type, "type");
}

std::string uuid_text(const std::array<std::uint8_t, 16>& uuid) {
  std::string text;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += "0123456789abcdef"[uuid[i] >> 4];
    text += "0123456789abcdef"[uuid[i] & 15];
  }
  return text;
}

}  // namespace squat::xclbin
