// SPDX-License-Identifier: Apache-2.0
// The simulated device's xclbin through the structures of XRT's own header: what XRT sees is what our reader sees.
#include <xclbin.h>

#include <cstring>

#include "host/xclbin/reader.hpp"
#include "tests/host/support.hpp"

namespace squat {
namespace {

template <class T>
const T* section(const std::string& bytes, axlf_section_kind kind) {
  const auto* top = reinterpret_cast<const axlf*>(bytes.data());
  const axlf_section_header* header = ::xclbin::get_axlf_section(top, kind);
  REQUIRE(header != nullptr);
  REQUIRE(header->m_sectionOffset + header->m_sectionSize <= bytes.size());
  return reinterpret_cast<const T*>(bytes.data() + header->m_sectionOffset);
}

}  // namespace

TEST_CASE("XRT's structures lie over the file as the reader reads it") {
  const std::string bytes = test::read_bytes(SQUAT_SIM_XCLBIN);
  const xclbin::Xclbin x = xclbin::read_xclbin(SQUAT_SIM_XCLBIN);
  const auto* top = reinterpret_cast<const axlf*>(bytes.data());
  CHECK(std::strcmp(top->m_magic, "xclbin2") == 0);
  CHECK(top->m_signature_length == -1);
  CHECK(top->m_header.m_length == bytes.size());
  CHECK(top->m_header.m_mode == XCLBIN_HW_EMU);
  CHECK(x.mode == xclbin::Mode::kHwEmu);
  CHECK(x.platform == reinterpret_cast<const char*>(top->m_header.m_platformVBNV));
  CHECK(std::memcmp(x.uuid.data(), top->m_header.uuid, 16) == 0);
  CHECK(x.sections.size() == top->m_header.m_numSections);

  const auto* memory = section<mem_topology>(bytes, MEM_TOPOLOGY);
  REQUIRE(memory->m_count == static_cast<std::int32_t>(x.memories.size()));
  for (std::size_t i = 0; i < x.memories.size(); ++i) {
    CHECK(memory->m_mem_data[i].m_type == x.memories[i].type);
    CHECK(memory->m_mem_data[i].m_size == x.memories[i].kib);
    CHECK(memory->m_mem_data[i].m_base_address == x.memories[i].base);
    CHECK(x.memories[i].tag == reinterpret_cast<const char*>(memory->m_mem_data[i].m_tag));
  }
  const auto* connect = section<connectivity>(bytes, CONNECTIVITY);
  REQUIRE(connect->m_count == static_cast<std::int32_t>(x.connections.size()));
  for (std::size_t i = 0; i < x.connections.size(); ++i) {
    CHECK(connect->m_connection[i].arg_index == x.connections[i].argument);
    CHECK(connect->m_connection[i].m_ip_layout_index == x.connections[i].ip);
    CHECK(connect->m_connection[i].mem_data_index == x.connections[i].memory);
  }
  const auto* units = section<ip_layout>(bytes, IP_LAYOUT);
  REQUIRE(units->m_count == 1);
  CHECK(units->m_ip_data[0].m_type == IP_KERNEL);
  CHECK((units->m_ip_data[0].properties & IP_CONTROL_MASK) >> IP_CONTROL_SHIFT == AP_CTRL_HS);
  CHECK(units->m_ip_data[0].m_base_address == x.ips[0].base);
  CHECK(x.ips[0].name == reinterpret_cast<const char*>(units->m_ip_data[0].m_name));
  const auto* clocks = section<clock_freq_topology>(bytes, CLOCK_FREQ_TOPOLOGY);
  REQUIRE(clocks->m_count == 1);
  CHECK(clocks->m_clock_freq[0].m_freq_Mhz == x.clocks[0].mhz);
  CHECK(clocks->m_clock_freq[0].m_type == CT_KERNEL);
}

}  // namespace squat
