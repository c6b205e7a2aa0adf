// SPDX-License-Identifier: Apache-2.0
// Starts compute units for XRT's command packets, as the kernel driver does on a board: every packet runs on a free unit that
// its mask names, and one unit runs one packet at a time.
#pragma once

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
  /// Ends the thread; running commands end as aborted.
  void stop();

 private:
  struct Command {
    unsigned handle = 0;
    std::shared_ptr<EmulatedBuffer> packet;
    bool abort = false;
  };
  void work();
  bool assign(std::unique_lock<std::mutex>& lock);
  void start(unsigned unit, const Command& command);
  void advance(unsigned unit);
  void end_all();
  void finish(const Command& command, unsigned state);
  void abort(unsigned handle);

  KernelRunner& runner_;
  BufferTable& buffers_;
  std::mutex mutex_;
  std::condition_variable submitted_, completed_;
  std::deque<Command> waiting_;
  std::map<unsigned, Command> running_;  ///< by unit; entries come and go on the thread below only
  bool stopping_ = false;
  std::uint64_t done_ = 0, reported_ = 0;
  std::thread thread_;
};

}  // namespace squat::sim
