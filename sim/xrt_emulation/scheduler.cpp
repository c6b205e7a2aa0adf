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
  if (runner_.runs_at_once() && run_at_once(command)) return 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push_back(std::move(command));
  }
  submitted_.notify_one();
  return 0;
}

/// Starts a packet on a free unit and ends it there; a run that takes longer goes on on the thread. False: no unit is free.
bool CommandScheduler::run_at_once(Command& command) {
  unsigned unit = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    unit = free_unit(command);
    if (stopping_ || !waiting_.empty() || unit == runner_.units()) return false;
    command.submitting = true;
    running_[unit] = command;
  }
  if (start(unit, command)) advance(unit);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = running_.find(unit);
    if (found == running_.end() || found->second.packet != command.packet) return true;
    found->second.submitting = false;
  }
  submitted_.notify_one();
  return true;
}

/// A unit that the packet may run on and that runs none, or units().
unsigned CommandScheduler::free_unit(const Command& command) const {
  const std::uint32_t mask = start_packet(*command.packet)->cu_mask;
  unsigned unit = 0;
  while (unit < runner_.units() && ((mask >> unit & 1U) == 0 || running_.count(unit) != 0)) ++unit;
  return unit;
}

bool CommandScheduler::any_for_thread() const {
  return std::any_of(running_.begin(), running_.end(), [](const auto& running) { return !running.second.submitting; });
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
  last_run_ = std::chrono::nanoseconds(Clock::now() - command.taken).count();
  // The host polls the state without a lock: results first, then the state.
  std::atomic_thread_fence(std::memory_order_release);
  start_packet(*command.packet)->state = state & 0xf;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++done_;
  }
  completed_.notify_all();
}

/// False: it failed, and the packet has ended.
bool CommandScheduler::start(unsigned unit, const Command& command) {
  const ert_start_kernel_cmd* packet = start_packet(*command.packet);
  try {
    runner_.start_run(unit, packet->data + packet->extra_cu_masks, packet->count - 1U - packet->extra_cu_masks);
    return true;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "squat simulation: ERROR: %s\n", e.what());
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      running_.erase(unit);
    }
    finish(command, ERT_CMD_STATE_ERROR);
    return false;
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
  if (!any_for_thread()) submitted_.wait(lock, [this] { return stopping_ || !waiting_.empty() || any_for_thread(); });
  if (stopping_) return false;
  std::vector<std::pair<unsigned, Command>> started;
  for (auto command = waiting_.begin(); command != waiting_.end();) {
    const unsigned unit = free_unit(*command);
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
      for (const auto& [unit, command] : running_) {
        if (!command.submitting) busy.push_back(unit);
      }
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
