// SPDX-License-Identifier: Apache-2.0
// One device as XRT opened it: buffers, the simulated kernel, and the commands that start it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "sim/kernel_model.hpp"
#include "sim/xrt_emulation/buffer_table.hpp"
#include "sim/xrt_emulation/scheduler.hpp"

namespace squat::sim {

/// Thread safe.
class EmulatedDevice : private KernelRunner {
 public:
  EmulatedDevice();
  ~EmulatedDevice();

  /// Loads a device program: a fresh kernel and empty memory. Options come from the environment. Throws squat::Error.
  void load(const axlf* top);

  BufferTable& buffers() { return buffers_; }
  CommandScheduler& scheduler() { return scheduler_; }

  /// Moves bytes between host and device memory; false, with a message, when the range is outside every bank.
  bool copy_to_device(std::uint64_t address, const void* from, std::size_t bytes);
  bool copy_from_device(std::uint64_t address, void* to, std::size_t bytes);

  /// Register access of an exclusive kernel or of xrt::ip. Throws squat::Error.
  std::uint32_t read_register(std::uint32_t offset);
  void write_register(std::uint32_t offset, std::uint32_t value);

  /// Why the last run failed, empty when it did not. The text lives until the next run.
  const char* run_error() const;

 private:
  class Access;
  void start_run(const std::uint32_t* registers, unsigned count) override;
  RunProgress continue_run() override;
  void abort_run() override;
  std::byte* device_bytes(std::uint64_t address, std::size_t bytes);
  void set_run_error(const std::string& text);

  BufferTable buffers_;
  std::mutex model_mutex_;            ///< held for one access or one slice of a run, never for a whole run
  std::atomic<unsigned> waiting_{0};  ///< accesses that want the model while a run keeps it
  std::unique_ptr<KernelModel> model_;
  mutable std::mutex error_mutex_;
  std::string run_error_;
  CommandScheduler scheduler_;  // last: its thread uses everything above
};

}  // namespace squat::sim
