// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/scheduler.hpp"

#include <ert.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

namespace squat::sim {
namespace {

ert_start_kernel_cmd* start_packet(const EmulatedBuffer& buffer) {
  return reinterpret_cast<ert_start_kernel_cmd*>(buffer.host);
}

/// The words of the register map must lie in the packet's buffer.
bool complete(const EmulatedBuffer& buffer) {
  const ert_start_kernel_cmd* packet = start_packet(buffer);
  return packet->count > packet->extra_cu_masks && (packet->count + 1U) * 4U <= buffer.size;
}

unsigned state_of(RunProgress progress) {
  switch (progress) {
    case RunProgress::kDone:
      return ERT_CMD_STATE_COMPLETED;
    case RunProgress::kRunning:
      return ERT_CMD_STATE_ABORT;
    case RunProgress::kLimit:
      return ERT_CMD_STATE_TIMEOUT;
    default:
      return ERT_CMD_STATE_ERROR;
  }
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
  if (opcode != ERT_START_CU || !complete(*command.packet)) {
    std::fprintf(stderr, "squat simulation: ERROR: command with opcode %u is not supported or not complete\n", opcode);
    return -EINVAL;
  }
  const unsigned units = runner_.units();
  if (units < 32 && (start_packet(*command.packet)->cu_mask & ((1U << units) - 1U)) == 0) {
    std::fprintf(stderr, "squat simulation: ERROR: command for compute units 0x%x, the device has %u\n",
                 start_packet(*command.packet)->cu_mask, units);
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
    for (auto& [unit, command] : running_) {
      if (command.handle == handle) command.abort = true;
    }
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

void CommandScheduler::start(unsigned unit, const Command& command) {
  const ert_start_kernel_cmd* packet = start_packet(*command.packet);
  try {
    runner_.start_run(unit, packet->data + packet->extra_cu_masks, packet->count - 1U - packet->extra_cu_masks);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "squat simulation: ERROR: %s\n", e.what());
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      running_.erase(unit);
    }
    finish(command, ERT_CMD_STATE_ERROR);
  }
}

void CommandScheduler::advance(unsigned unit) {
  RunProgress progress = RunProgress::kFailed;
  try {
    progress = runner_.continue_run(unit);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "squat simulation: ERROR: %s\n", e.what());
  }
  Command command;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    command = running_.at(unit);
    if (progress == RunProgress::kRunning && !command.abort && !stopping_) return;
  }
  if (progress == RunProgress::kRunning) runner_.abort_run(unit);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    running_.erase(unit);
  }
  finish(command, state_of(progress));
}

/// Gives free units the packets that wait for them; false when the thread is to end.
bool CommandScheduler::assign(std::unique_lock<std::mutex>& lock) {
  if (running_.empty()) submitted_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  if (stopping_) return false;
  std::vector<std::pair<unsigned, Command>> started;
  for (auto command = waiting_.begin(); command != waiting_.end();) {
    const std::uint32_t mask = start_packet(*command->packet)->cu_mask;
    unsigned unit = 0;
    while (unit < runner_.units() && ((mask >> unit & 1U) == 0 || running_.count(unit) != 0)) ++unit;
    if (unit == runner_.units()) {
      ++command;
      continue;
    }
    running_[unit] = *command;
    started.emplace_back(unit, *command);
    command = waiting_.erase(command);
  }
  lock.unlock();
  for (const auto& [unit, command] : started) start(unit, command);
  lock.lock();
  return true;
}

void CommandScheduler::work() {
  for (;;) {
    std::vector<unsigned> busy;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (!assign(lock)) break;
      for (const auto& running : running_) busy.push_back(running.first);
    }
    for (const unsigned unit : busy) advance(unit);
  }
  end_all();
}

void CommandScheduler::end_all() {
  std::vector<std::pair<unsigned, Command>> rest;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    rest.assign(running_.begin(), running_.end());
    for (const Command& command : waiting_) rest.emplace_back(runner_.units(), command);
    running_.clear();
    waiting_.clear();
  }
  for (const auto& [unit, command] : rest) {
    try {
      if (unit < runner_.units()) runner_.abort_run(unit);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "squat simulation: ERROR: %s\n", e.what());
    }
    finish(command, ERT_CMD_STATE_ABORT);
  }
}

}  // namespace squat::sim
