// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel_model.hpp"

#include <cstdio>

#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::sim {
namespace {

constexpr unsigned kResetCycles = 16;
constexpr unsigned kAnswerCycles = 1000;                              ///< a control port that takes longer does not work
constexpr std::uint32_t kApStart = 1, kApDone = 2, kApContinue = 16;  ///< bits of ap_ctrl

}  // namespace

KernelModel::KernelModel(std::unique_ptr<KernelCore> core, const SimulationOptions& options, DeviceMemory* external,
                         Handshake handshake)
    : core_(std::move(core)),
      options_(options),
      handshake_(handshake),
      ddr_(kMemoryPorts, external != nullptr ? *external : memory_, log_, options),
      control_stalls_(options.stall_seed) {
  for (unsigned p = 0; p < kMemoryPorts; ++p)
    checkers_.emplace_back("m_axi_gmem" + std::to_string(p), log_, core_->read_bytes(p));
  if (!options.trace.empty()) core_->trace(options.trace);
  reset();
}

void KernelModel::reset() {
  ddr_.reset();
  for (AxiChecker& checker : checkers_) checker.reset();
  log_.clear();
  signals_ = KernelSignals{};
  progress_ = RunProgress::kIdle;
  start_pending_ = write_pending_ = read_pending_ = false;
  for (unsigned i = 0; i < kResetCycles; ++i) {
    // The first edges bring the registers to their reset values; only then do the rules hold.
    core_->settle(signals_);
    if (i >= kResetCycles / 2) {
      for (unsigned p = 0; p < kMemoryPorts; ++p) checkers_[p].observe(signals_.ports[p], true);
    }
    core_->rise();
    ++cycle_;
  }
  signals_.reset = false;
  if (!handshake_.interrupt) return;
  // The end of a run is seen on the interrupt line, as a driver on a board would, so that looking costs no cycles.
  write_register(spec::kRegGie, 1);
  write_register(spec::kRegIer, 1);
}

void KernelModel::tick() {
  ddr_.drive(signals_.ports.data());
  ControlPort& c = signals_.control;
  c.bready = c.rready = !control_stalls_.rests(0);
  core_->settle(signals_);
  for (unsigned p = 0; p < kMemoryPorts; ++p) checkers_[p].observe(signals_.ports[p]);
  ddr_.update(signals_.ports.data());
  if (write_pending_ || read_pending_) {
    if (c.awready) c.awvalid = false;
    if (c.wvalid && c.wready) {
      c.wvalid = false;
      if (start_pending_) {
        start_pending_ = false;
        started_ = cycle_;
        ddr_.restart_timing();
        progress_ = RunProgress::kRunning;
      }
    }
    if (c.bvalid && c.bready) write_pending_ = false;
    if (c.arready) c.arvalid = false;
    if (c.rvalid && c.rready) {
      read_pending_ = false;
      read_value_ = c.rdata;
    }
    control_stalls_.next_cycle();
  }
  if (signals_.interrupt && progress_ == RunProgress::kRunning) finish();
  core_->rise();
  ++cycle_;
}

void KernelModel::finish() {
  ended_ = cycle_;
  progress_ = RunProgress::kDone;
  for (AxiChecker& checker : checkers_) checker.finish_run();
}

void KernelModel::poll() {
  if ((read_register(spec::kRegApCtrl) & kApDone) != 0 && progress_ == RunProgress::kRunning) finish();
}

void KernelModel::wait_for(bool& pending, const char* what, std::uint32_t offset) {
  for (unsigned i = 0; i < kAnswerCycles; ++i) {
    tick();
    if (!pending) return;
  }
  char text[120];
  std::snprintf(text, sizeof text, "simulated kernel: no answer to the %s of register 0x%03x within %u cycles", what, offset,
                kAnswerCycles);
  throw Error(ExitCode::kDeviceFailed, text);
}

void KernelModel::write_register(std::uint32_t offset, std::uint32_t value) {
  // Not before the next run prepares: until then the registers still tell what happened.
  if (progress_ == RunProgress::kFailed || progress_ == RunProgress::kLimit) reset();
  if (offset == spec::kRegApCtrl && (value & kApStart) != 0) {
    if (signals_.interrupt) write_register(spec::kRegIsr, 1);
    log_.clear();
    start_pending_ = true;
  }
  ControlPort& c = signals_.control;
  c.awaddr = static_cast<std::uint16_t>(offset);
  c.wdata = value;
  c.awvalid = c.wvalid = write_pending_ = true;
  wait_for(write_pending_, "write", offset);
  if (offset == spec::kRegIsr) tick();  // the interrupt line follows the register by one edge
}

std::uint32_t KernelModel::read_register(std::uint32_t offset) {
  signals_.control.araddr = static_cast<std::uint16_t>(offset);
  signals_.control.arvalid = read_pending_ = true;
  wait_for(read_pending_, "read", offset);
  return read_value_;
}

std::uint64_t KernelModel::read_register64(std::uint32_t offset) {
  const std::uint64_t low = read_register(offset);
  return low | std::uint64_t{read_register(offset + 4)} << 32;
}

void KernelModel::start() { write_register(spec::kRegApCtrl, kApStart); }

RunProgress KernelModel::advance(std::uint64_t cycles) {
  for (std::uint64_t i = 1; i <= cycles && progress_ == RunProgress::kRunning && !log_.failed(); ++i) {
    tick();
    if (!handshake_.interrupt && i % kPollCycles == 0) poll();
  }
  // Only then does a chained kernel take the next start.
  if (handshake_.chain && progress_ == RunProgress::kDone) write_register(spec::kRegApCtrl, kApContinue);
  if (progress_ == RunProgress::kIdle) return progress_;
  if (log_.failed() || core_->stopped()) {
    if (progress_ == RunProgress::kRunning) ended_ = cycle_;
    progress_ = RunProgress::kFailed;
  } else if (progress_ == RunProgress::kRunning && options_.cycle_limit != 0 && run_cycles() >= options_.cycle_limit) {
    ended_ = cycle_;
    progress_ = RunProgress::kLimit;
  }
  return progress_;
}

std::uint64_t KernelModel::run_cycles() const {
  if (progress_ == RunProgress::kIdle) return 0;
  // The start register follows the write by one edge, the interrupt follows the last cycle by one.
  const std::uint64_t end = progress_ == RunProgress::kRunning ? cycle_ : ended_;
  return end - started_ - 1;
}

void KernelModel::abandon() {
  if (progress_ != RunProgress::kRunning) return;
  ended_ = cycle_;
  progress_ = RunProgress::kFailed;
}

std::string KernelModel::cycle_mismatch() {
  if (read_register(spec::kRegId) != spec::kId) return "";
  const std::uint64_t counted = read_register64(spec::kRegCycles);
  const std::uint64_t status = control_stalls_.active() ? kStalledStatusCycles : kStatusCycles;
  if (counted <= run_cycles() && run_cycles() - counted <= status) return "";
  return "the kernel counted " + std::to_string(counted) + " cycles, the simulator " + std::to_string(run_cycles());
}

std::string KernelModel::error() const {
  if (log_.failed())
    return log_.count() == 1 ? log_.first() : log_.first() + " (and " + std::to_string(log_.count() - 1) + " more)";
  return core_->stopped() ? "an assertion in the RTL failed (see the message above)" : "";
}

}  // namespace squat::sim
