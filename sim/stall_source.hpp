// SPDX-License-Identifier: Apache-2.0
// Reproducible random back-pressure.
#pragma once

#include <cstdint>

namespace squat::sim {

/// Decides which channels of a port rest in a cycle. Seed 0 never stalls. Phases of different density follow each other,
/// because a queue fills only when a channel rests for long and overflows only when it does not.
class StallSource {
 public:
  explicit StallSource(std::uint64_t seed) : seed_(seed) { restart(); }

  bool active() const { return seed_ != 0; }

  void restart() {
    state_ = seed_ * 0x9e3779b97f4a7c15ULL + 1;
    density_ = 0;
    phase_left_ = 0;
  }

  void next_cycle() {
    if (!active()) return;
    if (phase_left_ == 0) {
      const std::uint64_t r = draw();
      density_ = static_cast<unsigned>(r >> 8) % 4;  // 0: free, 1: 1/4, 2: 1/2, 3: 3/4 of the cycles
      phase_left_ = 8 + static_cast<unsigned>(r >> 32) % 120;
    }
    --phase_left_;
    const std::uint64_t a = draw(), b = draw();
    bits_ = density_ == 0 ? 0 : density_ == 1 ? a & b : density_ == 2 ? a : a | b;
  }

  /// `channel` 0..63: true when it has to rest in this cycle.
  bool rests(unsigned channel) const { return active() && ((bits_ >> channel) & 1) != 0; }

 private:
  std::uint64_t draw() {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  std::uint64_t seed_, state_ = 0, bits_ = 0;
  unsigned density_ = 0, phase_left_ = 0;
};

}  // namespace squat::sim
