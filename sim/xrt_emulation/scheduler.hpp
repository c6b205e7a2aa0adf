// SPDX-License-Identifier: Apache-2.0
// Starts compute units for XRT's command packets, as the kernel driver does on a board: every packet runs on a free unit that
// its mask names, and one unit runs one packet at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "sim/kernel_model.hpp"
#include "sim/xrt_emulation/buffer_table.hpp"

namespace squat::sim {

/// What a scheduler drives.
class KernelRunner {
 public:
  virtual ~KernelRunner() = default;
  virtual unsigned units() const = 0;
  /// Whether a run may end within submit(), as on a board, where the caller's processor has no part in it. Else all of it is
  /// work of the scheduler's thread.
  virtual bool runs_at_once() const = 0;
  /// `registers` is the register map from offset 0 on, `count` words. Throws squat::Error.
  virtual void start_run(unsigned unit, const std::uint32_t* registers, unsigned count) = 0;
  virtual RunProgress continue_run(unsigned unit) = 0;
  virtual void abort_run(unsigned unit) = 0;
};

class CommandScheduler {
 public:
  CommandScheduler(KernelRunner& runner, BufferTable& buffers);
  ~CommandScheduler() { stop(); }

  /// Takes the command packet in buffer `handle`; 0, or a negative errno value.
  int submit(unsigned handle);
  /// Waits for a packet to complete, `milliseconds` at most; 1 when one did since the last call, else 0.
  int wait(int milliseconds);
  /// From taking the packet that ended last to setting its state: what a host waited for the device, and no more.
  std::chrono::nanoseconds last_run() const { return std::chrono::nanoseconds(last_run_.load()); }
  /// Ends the thread; running commands end as aborted.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Command {
    unsigned handle = 0;
    std::shared_ptr<EmulatedBuffer> packet;
    bool abort = false;
    bool submitting = false;  ///< submit() has it, not the thread
    Clock::time_point taken = Clock::now();
  };
  void work();
  bool run_at_once(Command& command);
  unsigned free_unit(const Command& command) const;
  bool any_for_thread() const;
  bool assign(std::unique_lock<std::mutex>& lock);
  bool start(unsigned unit, const Command& command);
  void advance(unsigned unit);
  void end_all();
  void finish(const Command& command, unsigned state);
  void abort(unsigned handle);

  KernelRunner& runner_;
  BufferTable& buffers_;
  std::mutex mutex_;
  std::condition_variable submitted_, completed_;
  std::deque<Command> waiting_;
  std::map<unsigned, Command> running_;  ///< by unit; each belongs to the thread below or to the submit() that it came with
  bool stopping_ = false;
  std::uint64_t done_ = 0, reported_ = 0;
  std::atomic<std::int64_t> last_run_{0};
  std::thread thread_;
};

}  // namespace squat::sim
