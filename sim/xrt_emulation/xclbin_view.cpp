// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/xclbin_view.hpp"

#include <algorithm>

#include "host/model/error.hpp"

namespace squat::sim {
namespace {

template <class T>
const T* section(const axlf* top, axlf_section_kind kind) {
  const axlf_section_header* header = ::xclbin::get_axlf_section(top, kind);
  return header == nullptr ? nullptr : reinterpret_cast<const T*>(reinterpret_cast<const char*>(top) + header->m_sectionOffset);
}

Error bad(const std::string& what) { return Error(ExitCode::kDeviceUnavailable, "xclbin: " + what); }

XclbinUnit unit_of(const ip_data& ip) {
  XclbinUnit unit;
  unit.name = reinterpret_cast<const char*>(ip.m_name);
  unit.base = ip.m_base_address;
  const std::uint32_t control = (ip.properties & IP_CONTROL_MASK) >> IP_CONTROL_SHIFT;
  if (control != AP_CTRL_HS && control != AP_CTRL_CHAIN) {
    throw bad(unit.name + ": expected the control protocol ap_ctrl_hs or ap_ctrl_chain, found number " +
              std::to_string(control));
  }
  unit.handshake.chain = control == AP_CTRL_CHAIN;
  unit.handshake.interrupt = (ip.properties & IP_INT_ENABLE_MASK) != 0;
  return unit;
}

std::string kernel_of(const XclbinUnit& unit) { return unit.name.substr(0, unit.name.find(':')); }

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
  for (std::int32_t i = 0; ips != nullptr && i < ips->m_count; ++i) {
    if (ips->m_ip_data[i].m_type == IP_KERNEL) view.units.push_back(unit_of(ips->m_ip_data[i]));
  }
  if (view.units.empty() || view.units.size() > XclbinView::kMostUnits) {
    throw bad("expected 1 to " + std::to_string(XclbinView::kMostUnits) + " compute units, found " +
              std::to_string(view.units.size()));
  }
  for (const XclbinUnit& unit : view.units) {
    if (kernel_of(unit) != kernel_of(view.units.front())) {
      throw bad("the emulation library simulates one kernel, this file has " + kernel_of(view.units.front()) + " and " +
                kernel_of(unit));
    }
  }
  std::sort(view.units.begin(), view.units.end(), [](const XclbinUnit& a, const XclbinUnit& b) { return a.base < b.base; });
  return view;
}

}  // namespace squat::sim
