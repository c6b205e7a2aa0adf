// SPDX-License-Identifier: Apache-2.0
// What the fake device does at which call: the file named by SQUAT_FAKE_SCRIPT. The format: docs/develop/driver.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace squat::sim {

/// What a line makes of a call or a run.
enum class FakeAction {
  kFail,     ///< the call returns the errno value `number`
  kHang,     ///< the call takes `number` milliseconds
  kUnplug,   ///< this and every later call of the device return ENODEV
  kShort,    ///< allocate: half of the bytes
  kFlip,     ///< upload, download: bit 0 of byte `number` of the copy changes
  kNever,    ///< run: not done until aborted
  kLate,     ///< run: done after `number` milliseconds
  kError,    ///< run: ends in the state error
  kTimeout,  ///< run: ends in the state time-out
  kGarbage,  ///< run: done, and its status block is noise
  kStale,    ///< run: done, and its status block was not written
};

struct FakeRule {
  std::optional<unsigned> device;  ///< empty: every device
  std::string call;                ///< "open", "load", ..., "run"
  unsigned first = 1;              ///< the first call of its kind that is meant, from 1
  bool later = true;               ///< and all later ones
  FakeAction action = FakeAction::kFail;
  long number = 0;
};

/// Not thread safe.
class FakeScript {
 public:
  /// Throws squat::Error (bad input) naming the line and what is expected there.
  static FakeScript parse(const std::string& text, const std::string& name);
  /// SQUAT_FAKE_SCRIPT; without it a device that does everything right.
  static FakeScript from_environment();

  unsigned devices = 1;
  std::map<std::uint32_t, std::uint32_t> registers;  ///< offset -> value, instead of the right ones

  /// Counts a call and says what happens to it; nullptr: nothing special.
  const FakeRule* next(unsigned device, const std::string& call);

 private:
  std::vector<FakeRule> rules_;
  std::map<std::pair<unsigned, std::string>, unsigned> counts_;
};

}  // namespace squat::sim
