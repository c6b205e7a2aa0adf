// SPDX-License-Identifier: Apache-2.0
// The fake device's answer to each call of XRT, as its script says.
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

#include "sim/fake_device/fake_state.hpp"
#include "sim/xrt_emulation/hal_hooks.hpp"

namespace squat::sim {
namespace {

const char* name_of(HalCall call) {
  switch (call) {
    case HalCall::kOpen:
      return "open";
    case HalCall::kLoad:
      return "load";
    case HalCall::kContext:
      return "context";
    case HalCall::kAllocate:
      return "allocate";
    case HalCall::kMap:
      return "map";
    case HalCall::kUpload:
      return "upload";
    case HalCall::kDownload:
      return "download";
    case HalCall::kStart:
      return "start";
    case HalCall::kRegister:
      return "register";
    case HalCall::kAbort:
      return "abort";
  }
  return "";
}

/// What the calling thread's current copy or allocation shall suffer after before_call() let it through.
thread_local std::optional<FakeRule> pending;

}  // namespace

FakeState& FakeState::instance() {
  static FakeState state;
  return state;
}

FakeState::FakeState() {
  try {
    script_ = FakeScript::from_environment();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "squat fake device: ERROR: %s\n", e.what());
    script_.devices = 0;
  }
}

std::optional<FakeRule> FakeState::next(unsigned device, const std::string& call) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const FakeRule* rule = script_.next(device, call);
  return rule == nullptr ? std::nullopt : std::optional<FakeRule>(*rule);
}

bool FakeState::unplugged(unsigned device) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return unplugged_.count(device) != 0;
}

void FakeState::unplug(unsigned device) {
  const std::lock_guard<std::mutex> lock(mutex_);
  unplugged_.insert(device);
}

unsigned device_count() { return FakeState::instance().devices(); }

int before_call(unsigned device, HalCall call) {
  FakeState& state = FakeState::instance();
  pending = state.next(device, name_of(call));
  if (pending && pending->action == FakeAction::kUnplug) state.unplug(device);
  if (state.unplugged(device)) return -ENODEV;
  if (!pending) return 0;
  if (pending->action == FakeAction::kHang) std::this_thread::sleep_for(std::chrono::milliseconds(pending->number));
  return pending->action == FakeAction::kFail ? -static_cast<int>(pending->number) : 0;
}

std::size_t granted_bytes(unsigned, std::size_t bytes) {
  return pending && pending->action == FakeAction::kShort ? bytes / 2 : bytes;
}

void after_copy(unsigned, HalCall, std::uint8_t* bytes, std::size_t count) {
  if (!pending || pending->action != FakeAction::kFlip) return;
  bytes[static_cast<std::size_t>(pending->number) % count] ^= 1;
}

}  // namespace squat::sim
