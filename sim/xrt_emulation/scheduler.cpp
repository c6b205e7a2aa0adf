// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/scheduler.hpp"

#include <ert.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>

namespace squat::sim {
namespace {

ert_start_kernel_cmd* start_packet(const EmulatedBuffer& buffer) {
  return reinterpret_cast<ert_start_kernel_cmd*>(buffer.host);
}

}  // namespace

CommandScheduler::CommandScheduler(KernelRunner& runner, BufferTable& buffers)
    : runner_(runner), buffers_(buffers), thread_([this] { work(); }) {}

void CommandScheduler::stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  submitted_.notify_all();
  if (thread_.joinable()) thread_.join();
}

int CommandScheduler::submit(unsigned handle) {
  Command command{handle, buffers_.find(handle)};
  if (command.packet == nullptr || command.packet->size < sizeof(ert_start_kernel_cmd)) return -EINVAL;
  const unsigned opcode = start_packet(*command.packet)->opcode;
  if (opcode == ERT_ABORT) {
    const auto* packet = reinterpret_cast<const ert_abort_cmd*>(command.packet->host);
    abort(static_cast<unsigned>(packet->exec_bo_handle));
    finish(command, ERT_CMD_STATE_COMPLETED);
    return 0;
  }
  if (opcode != ERT_START_CU) {
    std::fprintf(stderr, "squat simulation: ERROR: command with opcode %u is not supported\n", opcode);
    return -EINVAL;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(std::move(command));
  }
  submitted_.notify_one();
  return 0;
}

int CommandScheduler::wait(int milliseconds) {
  std::unique_lock<std::mutex> lock(mutex_);
  completed_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return done_ != reported_; });
  const bool news = done_ != reported_;
  reported_ = done_;
  return news ? 1 : 0;
}

void CommandScheduler::abort(unsigned handle) {
  Command queued;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (running_ == handle) abort_running_ = true;
    const auto found =
        std::find_if(waiting_.begin(), waiting_.end(), [handle](const Command& c) { return c.handle == handle; });
    if (found == waiting_.end()) return;
    queued = *found;
    waiting_.erase(found);
  }
  finish(queued, ERT_CMD_STATE_ABORT);
}

void CommandScheduler::finish(const Command& command, unsigned state) {
  // The host polls the state without a lock: results first, then the state.
  std::atomic_thread_fence(std::memory_order_release);
  start_packet(*command.packet)->state = state & 0xf;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++done_;
  }
  completed_.notify_all();
}

void CommandScheduler::run(const Command& command) {
  const ert_start_kernel_cmd* packet = start_packet(*command.packet);
  RunProgress progress = RunProgress::kRunning;
  try {
    runner_.start_run(packet->data + packet->extra_cu_masks, packet->count - 1U - packet->extra_cu_masks);
    while (progress == RunProgress::kRunning) {
      progress = runner_.continue_run();
      const std::lock_guard<std::mutex> lock(mutex_);
      if (progress == RunProgress::kRunning && (abort_running_ || stopping_)) break;
    }
    if (progress == RunProgress::kRunning) runner_.abort_run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "squat simulation: ERROR: %s\n", e.what());
    progress = RunProgress::kFailed;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_ = 0;
    abort_running_ = false;
  }
  switch (progress) {
    case RunProgress::kDone:
      return finish(command, ERT_CMD_STATE_COMPLETED);
    case RunProgress::kRunning:
      return finish(command, ERT_CMD_STATE_ABORT);
    case RunProgress::kLimit:
      return finish(command, ERT_CMD_STATE_TIMEOUT);
    default:
      return finish(command, ERT_CMD_STATE_ERROR);
  }
}

void CommandScheduler::work() {
  for (;;) {
    Command command;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      submitted_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      command = waiting_.front();
      waiting_.pop_front();
      running_ = command.handle;
    }
    run(command);
  }
}

}  // namespace squat::sim
