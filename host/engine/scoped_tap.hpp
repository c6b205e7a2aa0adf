// SPDX-License-Identifier: Apache-2.0
// A tap for as long as the object lives, however that ends.
#pragma once

#include <utility>

#include "host/engine/device.hpp"

namespace squat::engine {

class ScopedTap {
 public:
  /// The device must outlive this; another tap of it is gone.
  ScopedTap(Device& device, Tap tap) : device_(device), shows_(device.set_tap(std::move(tap))) {}
  ScopedTap(const ScopedTap&) = delete;
  ScopedTap& operator=(const ScopedTap&) = delete;
  ~ScopedTap() { device_.set_tap({}); }

  /// Whether the device can show its intermediate tensors.
  bool shows() const { return shows_; }

 private:
  Device& device_;
  bool shows_;
};

}  // namespace squat::engine
