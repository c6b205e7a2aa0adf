// SPDX-License-Identifier: Apache-2.0
// The signals of one AXI4 port as plain values: what the memory model and the checkers see of a kernel.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace squat::sim {

constexpr std::size_t kBeatBytes = 16;  ///< a beat of port 0, and the unit in which memory moves
constexpr std::size_t kMaxBeatBytes = 64;
using Beat = std::array<std::uint32_t, 4>;
/// Read data of any port, in the first bytes; a port of weights may be four times as wide as port 0.
using ReadBeat = std::array<std::uint32_t, kMaxBeatBytes / 4>;

constexpr std::uint8_t kBurstIncr = 1;
constexpr std::uint8_t kSize16Bytes = 4;  ///< AxSIZE: log2 of the bytes per beat
constexpr std::uint8_t kRespOkay = 0, kRespExOkay = 1, kRespSlvErr = 2, kRespDecErr = 3;

/// One address channel (AR or AW) as its master drives it, plus the slave's ready.
struct AxiAddress {
  bool valid = false, ready = false;
  std::uint8_t len = 0, size = kSize16Bytes, burst = kBurstIncr;
  std::uint64_t addr = 0;

  unsigned beats() const { return len + 1U; }
  /// Units of kBeatBytes in a beat; a width that no port has counts as the nearest one.
  unsigned beat_words() const { return size <= kSize16Bytes ? 1 : size == kSize16Bytes + 1 ? 2 : 4; }
  bool accepted() const { return valid && ready; }
  bool same_payload(const AxiAddress& o) const { return addr == o.addr && len == o.len && size == o.size && burst == o.burst; }
};

struct AxiReadData {
  bool valid = false, ready = false, last = false;
  std::uint8_t resp = kRespOkay;
  ReadBeat data{};

  bool accepted() const { return valid && ready; }
  bool same_payload(const AxiReadData& o) const { return data == o.data && last == o.last && resp == o.resp; }
};

struct AxiWriteData {
  bool valid = false, ready = false, last = false;
  std::uint16_t strb = 0;
  Beat data{};

  bool accepted() const { return valid && ready; }
  bool same_payload(const AxiWriteData& o) const { return data == o.data && last == o.last && strb == o.strb; }
};

struct AxiWriteResponse {
  bool valid = false, ready = false;
  std::uint8_t resp = kRespOkay;

  bool accepted() const { return valid && ready; }
};

/// One port in one cycle. Read-only ports leave aw, w and b at rest.
struct AxiPort {
  AxiAddress ar;
  AxiReadData r;
  AxiAddress aw;
  AxiWriteData w;
  AxiWriteResponse b;
};

}  // namespace squat::sim
