// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/xclbin_view.hpp"

#include "host/model/error.hpp"

namespace squat::sim {
namespace {

template <class T>
const T* section(const axlf* top, axlf_section_kind kind) {
  const axlf_section_header* header = ::xclbin::get_axlf_section(top, kind);
  return header == nullptr ? nullptr : reinterpret_cast<const T*>(reinterpret_cast<const char*>(top) + header->m_sectionOffset);
}

Error bad(const std::string& what) { return Error(ExitCode::kDeviceUnavailable, "xclbin: " + what); }

}  // namespace

XclbinView view_xclbin(const axlf* top) {
  XclbinView view;
  // XRT itself prefers the group topology where there is one.
  const auto* memory = section<mem_topology>(top, ASK_GROUP_TOPOLOGY);
  if (memory == nullptr) memory = section<mem_topology>(top, MEM_TOPOLOGY);
  if (memory == nullptr) throw bad("no memory topology");
  for (std::int32_t i = 0; i < memory->m_count; ++i) {
    const mem_data& bank = memory->m_mem_data[i];
    view.banks.push_back({bank.m_base_address, bank.m_size * 1024, bank.m_used != 0});
  }
  const auto* ips = section<ip_layout>(top, IP_LAYOUT);
  unsigned kernels = 0;
  for (std::int32_t i = 0; ips != nullptr && i < ips->m_count; ++i) {
    const ip_data& ip = ips->m_ip_data[i];
    if (ip.m_type != IP_KERNEL) continue;
    ++kernels;
    view.kernel = reinterpret_cast<const char*>(ip.m_name);
    if ((ip.properties & IP_CONTROL_MASK) >> IP_CONTROL_SHIFT != AP_CTRL_HS) throw bad(view.kernel + " is not ap_ctrl_hs");
  }
  if (kernels != 1) throw bad("the simulated device has one kernel, this file " + std::to_string(kernels));
  return view;
}

}  // namespace squat::sim
