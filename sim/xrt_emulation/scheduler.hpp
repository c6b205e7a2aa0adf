// SPDX-License-Identifier: Apache-2.0
// Starts the kernel for XRT's command packets, one after the other, as the kernel driver does on a board.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
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
  /// `registers` is the register map from offset 0 on, `count` words. Throws squat::Error.
  virtual void start_run(const std::uint32_t* registers, unsigned count) = 0;
  virtual RunProgress continue_run() = 0;
  virtual void abort_run() = 0;
};

class CommandScheduler {
 public:
  CommandScheduler(KernelRunner& runner, BufferTable& buffers);
  ~CommandScheduler() { stop(); }

  /// Takes the command packet in buffer `handle`; 0, or a negative errno value.
  int submit(unsigned handle);
  /// Waits for a packet to complete, `milliseconds` at most; 1 when one did since the last call, else 0.
  int wait(int milliseconds);
  /// Ends the thread; a running command ends as aborted.
  void stop();

 private:
  struct Command {
    unsigned handle = 0;
    std::shared_ptr<EmulatedBuffer> packet;
  };
  void work();
  void run(const Command& command);
  void finish(const Command& command, unsigned state);
  void abort(unsigned handle);

  KernelRunner& runner_;
  BufferTable& buffers_;
  std::mutex mutex_;
  std::condition_variable submitted_, completed_;
  std::deque<Command> waiting_;
  unsigned running_ = 0;  ///< handle of the packet that runs, 0 when none does
  bool abort_running_ = false, stopping_ = false;
  std::uint64_t done_ = 0, reported_ = 0;
  std::thread thread_;
};

}  // namespace squat::sim
