// SPDX-License-Identifier: Apache-2.0
// One device as XRT opened it: buffers, the device behind them, and the commands that start its units.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "sim/xrt_emulation/buffer_table.hpp"
#include "sim/xrt_emulation/device_model.hpp"
#include "sim/xrt_emulation/hal_hooks.hpp"
#include "sim/xrt_emulation/scheduler.hpp"

namespace squat::sim {

/// Thread safe.
class EmulatedDevice : private KernelRunner {
 public:
  explicit EmulatedDevice(unsigned index);
  ~EmulatedDevice();

  unsigned index() const { return index_; }

  /// Loads a device program: a fresh device and empty memory. Options come from the environment. Throws squat::Error.
  void load(const axlf* top);

  BufferTable& buffers() { return buffers_; }
  const BufferTable& buffers() const { return buffers_; }
  CommandScheduler& scheduler() { return scheduler_; }

  /// Moves bytes between host and device memory; false, with a message, when the range is outside every bank.
  bool copy_to_device(std::uint64_t address, const void* from, std::size_t bytes);
  bool copy_from_device(std::uint64_t address, void* to, std::size_t bytes);

  /// Register access of an exclusive kernel or of xrt::ip. Throws squat::Error, also for a unit or offset that does not exist.
  std::uint32_t read_register(unsigned unit, std::uint32_t offset);
  void write_register(unsigned unit, std::uint32_t offset, std::uint32_t value);

  /// A context on a unit (kVirtual: on the device). 0, or a negative errno value when the unit is taken.
  int open_context(unsigned unit, bool shared);
  int close_context(unsigned unit);
  static constexpr unsigned kVirtual = 0xffffffffU;
  std::size_t open_contexts() const;

  /// Wall time that loading and the runs spent in the device behind this one.
  double device_seconds() const { return std::chrono::duration<double>(Clock::duration(device_time_.load())).count(); }

  /// Why the last run failed, empty when it did not. The text lives until the next run.
  const char* run_error() const;

 private:
  using Clock = std::chrono::steady_clock;
  class Access;
  class Timer;
  unsigned units() const override;
  bool runs_at_once() const override { return at_once_.load(); }
  void start_run(unsigned unit, const std::uint32_t* registers, unsigned count) override;
  RunProgress continue_run(unsigned unit) override;
  void abort_run(unsigned unit) override;
  std::byte* device_bytes(std::uint64_t address, std::size_t bytes);
  void check_register(unsigned unit, std::uint32_t offset) const;
  void set_run_error(const std::string& text);

  unsigned index_;
  BufferTable buffers_;
  mutable std::mutex model_mutex_;    ///< held for one access or one slice of a run, never for a whole run
  std::atomic<unsigned> waiting_{0};  ///< accesses that want the model while a run keeps it
  std::unique_ptr<DeviceModel> model_;
  std::atomic<unsigned> units_{0};
  std::atomic<bool> at_once_{false};
  std::atomic<Clock::rep> device_time_{0};
  mutable std::mutex error_mutex_;
  std::string run_error_;
  mutable std::mutex context_mutex_;
  struct Context {
    unsigned unit;
    bool shared;
  };
  std::vector<Context> contexts_;
  CommandScheduler scheduler_;  // last: its thread uses everything above
};

}  // namespace squat::sim
