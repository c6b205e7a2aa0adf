// SPDX-License-Identifier: Apache-2.0
// How much memory a piece of work takes at once. Linked into a program, it counts every operator new of it.
#pragma once

#include <cstddef>

namespace squat::fuzz {

class AllocationMeter {
 public:
  AllocationMeter();
  /// Most bytes that were allocated at the same time since the construction, beyond those before it.
  std::size_t most() const;

 private:
  std::size_t before_;
};

}  // namespace squat::fuzz
