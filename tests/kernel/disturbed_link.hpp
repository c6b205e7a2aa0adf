// SPDX-License-Identifier: Apache-2.0
// The Verilated accelerator behind a memory whose every stall and every answer a test decides, and that may be reset in any
// cycle.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "host/engine/kernel_link.hpp"
#include "host/engine/memory_check.hpp"
#include "host/engine/status_block.hpp"
#include "sim/axi_checker.hpp"
#include "sim/kernel_core.hpp"
#include "tests/catch.hpp"
#include "tests/rtl/axi_memory.hpp"

namespace squat::test {

/// A bit of device memory that is wrong during one run.
struct Flip {
  enum class Where { kNowhere, kCommands, kWeights, kInput, kCache, kLogits, kStatus };
  Where where = Where::kNowhere;
  std::size_t bit = 0;  ///< of the run's commands, of the weight image, of the rows that the host wrote ...; modulo their size
  /// Flipped when that many cycles have passed. Logits and status block: when the run is done.
  std::uint64_t at = 0;
};

/// What happens to the next run.
struct Disturbance {
  std::uint64_t reset_at = 0;  ///< reset this many cycles after the start; 0 = never
  unsigned reset_cycles = 1;
  std::uint64_t dead_at = 0;   ///< from this cycle on the ports of `dead_ports` neither take nor answer anything
  unsigned dead_ports = 0;     ///< bit p: read port p; bit 5: the write port
  std::uint32_t watchdog = 0;  ///< in 1024 cycles; 0 = no limit
  std::size_t bad_record = static_cast<std::size_t>(-1);  ///< a record whose opcode does not exist
  Flip flip;
  std::uint64_t failing_read = 0, failing_write = 0;  ///< transactions of the run, from 1, answered with `response`
  std::uint8_t response = kSlvErr;
};

/// Thrown by a run that did not complete: the status register, or 0 after a reset.
struct RunEnded {
  std::uint32_t status;
};

class DisturbedLink : public engine::KernelLink {
 public:
  /// reads, writes: the stalls of the read ports and of the write port.
  explicit DisturbedLink(unsigned seed, const Stalls& reads = {}, const Stalls& writes = {}, const std::string& config = "sim")
      : core_(sim::make_kernel_core(config)),
        limits_(engine::limits_of(*engine::config_named(config))),
        weights_base_(0x200000000 + core_->read_bytes(1)),
        kv_base_(0x300001000 - core_->read_bytes(1)),
        random_(seed),
        write_port_(memory_, seed + 1, writes) {
    for (unsigned p = 0; p < sim::kMemoryPorts; ++p) {
      read_ports_.push_back(std::make_unique<AxiReadPort>(memory_, seed + 2 + p, reads, core_->read_bytes(p)));
      checkers_.emplace_back("m_axi_gmem" + std::to_string(p), log_, core_->read_bytes(p));
    }
    reset(8);
  }

  Disturbance next;  ///< of the next run; the one after it is undisturbed

  /// Fills the cache and the pass buffer with noise: what a run does not write itself must not matter.
  void forget() {
    for (std::size_t i = 0; i < kv_bytes_; ++i) kv_[i] = static_cast<std::uint8_t>(random_());
    for (std::size_t i = 0; i < io_bytes_; ++i) io_[i] = static_cast<std::uint8_t>(random_());
  }
  const AxiMemory& memory() const { return memory_; }
  std::uint64_t run_cycles() const { return run_cycles_; }

  std::string name() const override { return "disturbed"; }
  engine::AcceleratorLimits limits() const override { return limits_; }
  std::string cycle_source() const override { return ""; }
  void prepare(const engine::BufferSizes& sizes, const WriteWeights& write) override {
    kv_bytes_ = std::size_t{sizes.kv_units} * 16;
    io_bytes_ = std::size_t{sizes.io_units} * 16;
    weight_units_ = sizes.weight_units;
    commands_ = memory_.add(kCommands, std::size_t{sizes.max_commands} * 64);
    weights_ = memory_.add(weights_base_, std::size_t{weight_units_} * 16);
    write(weights_);
    kv_ = memory_.add(kv_base_, kv_bytes_);
    io_ = memory_.add(kIo, io_bytes_);
    forget();
  }
  const std::uint8_t* read_cache(engine::ByteRange range) override { return kv_ + range.offset; }
  std::uint8_t* io() override { return io_; }
  void run(const engine::KernelStart& start) override;

  void reset(unsigned cycles) {
    signals_ = sim::KernelSignals{};
    for (auto& port : read_ports_) port->reset();
    write_port_.reset();
    for (unsigned i = 0; i < cycles + 1; ++i) {
      signals_.reset = i < cycles;
      for (unsigned p = 0; p < sim::kMemoryPorts; ++p) checkers_[p].reset();
      core_->settle(signals_);
      // The first edge brings the registers to their reset values; from then on no request may be seen.
      if (i > 0) {
        for (unsigned p = 0; p < sim::kMemoryPorts; ++p) checkers_[p].observe(signals_.ports[p], true);
      }
      core_->rise();
    }
  }
  void check_rules() const {
    INFO(log_.first());
    REQUIRE(!log_.failed());
    REQUIRE(!core_->stopped());
  }

 private:
  static constexpr std::uint64_t kCommands = 0x100000fc0, kIo = 0x400000020;
  static constexpr std::uint64_t kCycleLimit = 4000000;  ///< far beyond the longest run here: a run that takes it hangs

  void clock();
  /// The byte in device memory, or nullptr.
  std::uint8_t* flipped_byte(const Flip& flip, const engine::KernelStart& start);
  void set_dead(unsigned ports) {
    for (unsigned p = 0; p < sim::kMemoryPorts; ++p) read_ports_[p]->stalls().dead = (ports >> p & 1) != 0;
    write_port_.stalls().dead = (ports >> sim::kMemoryPorts & 1) != 0;
  }
  void write(std::uint32_t offset, std::uint32_t value);
  void write64(std::uint32_t offset, std::uint64_t value) {
    write(offset, static_cast<std::uint32_t>(value));
    write(offset + 4, static_cast<std::uint32_t>(value >> 32));
  }
  std::uint32_t read(std::uint32_t offset);
  void arguments(const engine::KernelStart& start, std::uint32_t watchdog);

  std::unique_ptr<sim::KernelCore> core_;
  engine::AcceleratorLimits limits_;
  std::uint64_t weights_base_, kv_base_;  ///< on a beat of the ports, and on nothing more
  sim::KernelSignals signals_;
  sim::SimulationLog log_{false};
  std::vector<sim::AxiChecker> checkers_;
  AxiMemory memory_;
  std::mt19937 random_;
  std::vector<std::unique_ptr<AxiReadPort>> read_ports_;
  AxiWritePort write_port_;
  std::uint8_t *commands_ = nullptr, *weights_ = nullptr, *kv_ = nullptr, *io_ = nullptr;
  std::size_t kv_bytes_ = 0, io_bytes_ = 0;
  std::uint32_t weight_units_ = 0;
  engine::MemoryCheck check_;
  std::uint64_t run_cycles_ = 0;
};

}  // namespace squat::test
