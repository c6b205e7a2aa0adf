// SPDX-License-Identifier: Apache-2.0
// What a device program (an xclbin file) says about itself: XRT's axlf container, without the bitstream.
// Layout: XRT's public header xclbin.h. The same structure is what the reader fills and the writer takes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace squat::xclbin {

enum class Mode : std::uint16_t { kFlat = 0, kPartial = 1, kHwEmu = 4, kSwEmu = 5, kHwEmuPartial = 6 };

/// Section kinds the reader decodes; names of all known kinds: kind_name().
enum SectionKind : std::uint32_t {
  kBitstream = 0,
  kEmbeddedMetadata = 2,
  kMemTopology = 6,
  kConnectivity = 7,
  kIpLayout = 8,
  kClockFreqTopology = 11,
  kUserMetadata = 16,
  kGroupTopology = 26,
  kGroupConnectivity = 27,
};

struct Section {
  std::uint32_t kind = 0;
  std::string name;
  std::uint64_t offset = 0, bytes = 0;  ///< in the file
};

/// A memory bank, or a group of banks.
struct Memory {
  std::uint8_t type = 0;  ///< memory_type_name()
  bool used = false;
  std::uint64_t kib = 0, base = 0;  ///< of streams: route and flow, not a size and an address
  std::string tag;

  bool streaming() const { return type == 3 || type == 9; }
};

/// Kernel argument `argument` of `ip` reaches `memory`: indices.
struct Connection {
  std::int32_t argument = 0, ip = 0, memory = 0;
};

/// An IP on the control bus; of a kernel: a compute unit named "kernel:instance".
struct Ip {
  static constexpr std::uint32_t kKernel = 1;
  std::uint32_t type = kKernel, properties = 0;
  std::uint64_t base = 0;
  std::string name;

  /// 0 ap_ctrl_hs, 1 ap_ctrl_chain, 2 none: control_name()
  std::uint32_t control() const { return properties >> 8 & 0xff; }
};

struct Clock {
  std::uint16_t mhz = 0;
  std::uint8_t type = 0;  ///< 1 data, 2 kernel, 3 system
  std::string name;
};

struct Port {
  std::string name, mode;  ///< mode: "master" or "slave"
  std::uint64_t range = 0;
  std::uint32_t data_width = 0;  ///< bits
};

struct Argument {
  std::string name;
  std::uint32_t id = 0;         ///< XRT's argument index
  std::uint32_t qualifier = 0;  ///< 0 scalar, 1 global memory, 4 stream
  std::string port;
  std::uint64_t bytes = 0, offset = 0;
  std::string type;
};

struct Instance {
  std::string name;
  std::uint64_t base = 0;
};

struct Kernel {
  std::string name, language, control;  ///< control: "ap_ctrl_hs" ...
  std::vector<Port> ports;
  std::vector<Argument> arguments;  ///< by id
  std::vector<Instance> instances;
};

struct Xclbin {
  std::uint64_t bytes = 0;                   ///< of the whole file
  std::int64_t signature_bytes = -1;         ///< at the end of the file; -1: none. The signature itself is not checked
  std::uint64_t unique_id = 0, created = 0;  ///< created: seconds since 1970
  std::uint8_t version_major = 2, version_minor = 13;
  std::uint16_t version_patch = 0;
  Mode mode = Mode::kFlat;
  std::string platform;  ///< vendor:board:name:version
  std::array<std::uint8_t, 16> uuid{};
  std::vector<Section> sections;
  std::vector<Memory> memories, groups;
  std::vector<Connection> connections, group_connections;
  std::vector<Ip> ips;
  std::vector<Clock> clocks;
  std::vector<Kernel> kernels;
  std::string user_metadata;  ///< the section USER_METADATA as it is
};

std::string kind_name(std::uint32_t kind);
std::string mode_name(Mode mode);
std::string memory_type_name(std::uint8_t type);
std::string ip_type_name(std::uint32_t type);
std::string control_name(std::uint32_t control);
std::string clock_type_name(std::uint8_t type);
/// Eight-four-four-four-twelve hexadecimal digits.
std::string uuid_text(const std::array<std::uint8_t, 16>& uuid);

}  // namespace squat::xclbin
