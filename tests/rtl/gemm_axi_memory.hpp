// SPDX-License-Identifier: Apache-2.0
// Four AXI read ports over one byte memory: in-order, several bursts outstanding, random stalls, and checks of every burst.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "tests/catch.hpp"

namespace squat::test {

constexpr unsigned kPorts = 4;

/// Signals of the four ports are packed vectors; `Top` is the Verilated class with the m_ar*, m_r* names of the loader.
class AxiMemory {
 public:
  explicit AxiMemory(std::uint32_t seed, unsigned beat_bytes = 16) : beat_(beat_bytes), random_(seed) {}

  std::uint64_t base = 0x12'3456'7000;  ///< byte address of bytes[0]
  std::vector<std::uint8_t> bytes;
  double ar_stall = 0.0, r_stall = 0.0;                    ///< chance of not ready, not valid
  unsigned latency = 10;                                   ///< cycles from address to first beat
  std::uint64_t bad_address = ~std::uint64_t{0};           ///< the beat with this byte answers SLVERR
  unsigned max_outstanding = 0;                            ///< largest number of bursts seen waiting on one port
  std::array<std::uint64_t, kPorts> beats{}, requested{};  ///< of 16 bytes

  bool idle() const {
    return std::all_of(bursts_.begin(), bursts_.end(), [](const auto& q) { return q.empty(); });
  }

  /// Before the clock edge: what the memory drives in this cycle.
  template <typename Top>
  void drive(Top& top) {
    top.m_arready_i = top.m_rvalid_i = top.m_rlast_i = top.m_rresp_i = 0;
    for (unsigned p = 0; p < kPorts; ++p) {
      if (!chance(ar_stall)) top.m_arready_i = static_cast<CData>(top.m_arready_i | (1U << p));
      valid_[p] = valid_[p] || (!bursts_[p].empty() && bursts_[p].front().ready <= now_ && !chance(r_stall));
      std::uint32_t* data = &top.m_rdata_i[beat_ / 4 * p];
      if (!valid_[p]) {
        for (unsigned i = 0; i < beat_ / 4; ++i) data[i] = static_cast<std::uint32_t>(random_());
        continue;
      }
      const Burst& b = bursts_[p].front();
      top.m_rvalid_i = static_cast<CData>(top.m_rvalid_i | (1U << p));
      if (b.left == 1) top.m_rlast_i = static_cast<CData>(top.m_rlast_i | (1U << p));
      if (b.address <= bad_address && bad_address < b.address + beat_)
        top.m_rresp_i = static_cast<CData>(top.m_rresp_i | (2U << (2 * p)));
      std::memcpy(data, bytes.data() + (b.address - base), beat_);
    }
  }

  /// After evaluating the inputs, before the edge: the handshakes of this cycle.
  template <typename Top>
  void observe(const Top& top) {
    for (unsigned p = 0; p < kPorts; ++p) {
      if (valid_[p] && ((top.m_rready_o >> p) & 1U)) {
        Burst& b = bursts_[p].front();
        b.address += beat_;
        beats[p] += beat_ / 16;
        if (--b.left == 0) bursts_[p].pop_front();
        valid_[p] = false;
      }
      if (((top.m_arvalid_o >> p) & 1U) && ((top.m_arready_i >> p) & 1U)) {
        std::uint64_t address;
        std::memcpy(&address, &top.m_araddr_o[2 * p], 8);
        const auto length = ((top.m_arlen_o >> (8 * p)) & 255U) + 1U;
        REQUIRE(length <= 64);
        REQUIRE(address % beat_ == 0);
        REQUIRE(address / 4096 == (address + beat_ * length - 1) / 4096);
        REQUIRE(address >= base);
        REQUIRE(address + beat_ * length <= base + bytes.size());
        bursts_[p].push_back({address, length, now_ + latency});
        requested[p] += length * (beat_ / 16);
        max_outstanding = std::max(max_outstanding, static_cast<unsigned>(bursts_[p].size()));
      }
    }
    ++now_;
  }

 private:
  struct Burst {
    std::uint64_t address;
    unsigned left;
    std::uint64_t ready;
  };

  bool chance(double p) { return p > 0.0 && std::uniform_real_distribution<double>(0.0, 1.0)(random_) < p; }

  unsigned beat_;  ///< bytes of a beat, as wide as the ports
  std::mt19937 random_;
  std::array<std::deque<Burst>, kPorts> bursts_;
  std::array<bool, kPorts> valid_{};
  std::uint64_t now_ = 0;
};

/// Sets a field [word, lowest bit, width] of a command record held as a 512-bit port.
template <typename Port, typename Field>
void set_field(Port& port, Field f, std::uint64_t value) {
  const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << f.width) - 1);
  REQUIRE(value <= mask);
  port[f.word] = (port[f.word] & ~(mask << f.lsb)) | static_cast<std::uint32_t>(value) << f.lsb;
}

}  // namespace squat::test
