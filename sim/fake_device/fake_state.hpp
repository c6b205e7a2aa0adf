// SPDX-License-Identifier: Apache-2.0
// The script of this process, shared by the calls of all devices and threads.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "sim/fake_device/fake_script.hpp"

namespace squat::sim {

/// Thread safe.
class FakeState {
 public:
  /// Read once; a script with an error is reported on standard error, and there are no devices.
  static FakeState& instance();

  unsigned devices() const { return script_.devices; }
  const std::map<std::uint32_t, std::uint32_t>& registers() const { return script_.registers; }
  /// What happens to this call; counts it.
  std::optional<FakeRule> next(unsigned device, const std::string& call);
  bool unplugged(unsigned device);
  void unplug(unsigned device);

 private:
  FakeState();
  FakeScript script_;
  std::mutex mutex_;
  std::set<unsigned> unplugged_;
};

}  // namespace squat::sim
