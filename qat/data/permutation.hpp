// SPDX-License-Identifier: Apache-2.0
// Random orders as pure functions: nothing is shuffled and nothing is kept.
#pragma once

#include <cstdint>

namespace squat::qat {

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Position of `index` in a random order of 0 .. count - 1: four Feistel rounds over the next even power of two, repeated
/// until the result is below count (Black, Rogaway 2002). Needs no memory, unlike shuffling.
inline std::uint64_t permuted(std::uint64_t index, std::uint64_t count, std::uint64_t key) {
  int half = 1;
  while (half < 31 && (std::uint64_t{1} << (2 * half)) < count) ++half;
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  do {
    std::uint64_t left = index >> half, right = index & mask;
    for (std::uint64_t round = 0; round < 4; ++round) {
      const std::uint64_t next = left ^ (mix(key + round * 0x632be59bd9b4e019u + right) & mask);
      left = right;
      right = next;
    }
    index = (left << half) | right;
  } while (index >= count);
  return index;
}

}  // namespace squat::qat
