// SPDX-License-Identifier: Apache-2.0
// A well-behaved bus master for tests of the memory model: reads and writes bursts as fast as the memory allows.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/axi_checker.hpp"
#include "sim/ddr_model.hpp"
#include "sim/sparse_memory.hpp"

namespace squat::sim {

struct BurstRequest {
  std::uint64_t addr;
  unsigned beats;
};

/// What one port wants and what it got.
struct PortDriver {
  std::deque<BurstRequest> reads, writes;
  std::uint32_t next_value = 1;  ///< first lane of the next beat written; lane i is value + i
  std::uint16_t strb = 0xffff;
  std::uint8_t read_size = kSize16Bytes;  ///< log2 of the bytes in a beat that is read
  std::vector<ReadBeat> got;
  std::vector<std::uint8_t> read_resp, write_resp;
  std::uint64_t first_request = 0, first_data = 0, last_data = 0, last_response = 0;

  std::deque<BurstRequest> open_writes;
  unsigned sent = 0;

  void drive(AxiPort& p) {
    p.ar.valid = !reads.empty();
    if (p.ar.valid) {
      p.ar.addr = reads.front().addr;
      p.ar.len = static_cast<std::uint8_t>(reads.front().beats - 1);
      p.ar.size = read_size;
    }
    p.r.ready = true;
    p.aw.valid = !writes.empty();
    if (p.aw.valid) {
      p.aw.addr = writes.front().addr;
      p.aw.len = static_cast<std::uint8_t>(writes.front().beats - 1);
    }
    p.w.valid = !open_writes.empty();
    if (p.w.valid) {
      for (unsigned i = 0; i < 4; ++i) p.w.data[i] = next_value + i;
      p.w.strb = strb;
      p.w.last = sent + 1 == open_writes.front().beats;
    }
    p.b.ready = true;
  }

  void sample(const AxiPort& p, std::uint64_t cycle) {
    if (p.ar.accepted()) {
      if (first_request == 0) first_request = cycle;
      reads.pop_front();
    }
    if (p.r.accepted()) {
      if (got.empty()) first_data = cycle;
      last_data = cycle;
      got.push_back(p.r.data);
      read_resp.push_back(p.r.resp);
    }
    if (p.w.accepted()) {
      next_value += 4;
      if (++sent == open_writes.front().beats) {
        open_writes.pop_front();
        sent = 0;
      }
    }
    if (p.aw.accepted()) {
      open_writes.push_back(writes.front());
      writes.pop_front();
    }
    if (p.b.accepted()) {
      write_resp.push_back(p.b.resp);
      last_response = cycle;
    }
  }

  bool finished(std::size_t beats, std::size_t responses) const {
    return got.size() >= beats && write_resp.size() >= responses;
  }
};

/// Memory, ports, checkers and drivers on one clock.
struct Bus {
  /// read_bytes: width of the read data of the ports from 1 on.
  explicit Bus(unsigned ports, backends::SimulationOptions options = {}, unsigned read_bytes = kBeatBytes)
      : ddr(ports, memory, log, options), signals(ports), drivers(ports) {
    memory.add_bank(kBase, kBytes);
    for (unsigned p = 0; p < ports; ++p) {
      checkers.emplace_back("port " + std::to_string(p), log, p == 0 ? kBeatBytes : read_bytes);
      if (p != 0 && read_bytes == kMaxBeatBytes) drivers[p].read_size = 6;
    }
  }

  void cycle() {
    ++now;
    ddr.drive(signals.data());
    for (std::size_t p = 0; p < signals.size(); ++p) drivers[p].drive(signals[p]);
    for (std::size_t p = 0; p < signals.size(); ++p) checkers[p].observe(signals[p]);
    for (std::size_t p = 0; p < signals.size(); ++p) drivers[p].sample(signals[p], now);
    ddr.update(signals.data());
  }

  static constexpr std::uint64_t kBase = 0x100000000ULL, kBytes = 1 << 24;
  SparseMemory memory;
  SimulationLog log{false};
  DdrModel ddr;
  std::vector<AxiPort> signals;
  std::vector<PortDriver> drivers;
  std::vector<AxiChecker> checkers;
  std::uint64_t now = 0;
};

}  // namespace squat::sim
