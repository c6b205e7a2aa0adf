// SPDX-License-Identifier: Apache-2.0
// Flat memory in blocks of a fixed size: what a block computes does not depend on who computes it, nor on how many do.
#pragma once

#include <cstddef>
#include <functional>

namespace squat::qat {

/// Elements per block.
constexpr std::size_t kBlock = std::size_t{1} << 16;

/// Calls task(0) .. task(count - 1), each once, in any order and on any thread; returns when all are done.
using ForEachBlock = std::function<void(int count, const std::function<void(int)>& task)>;

/// One after the other on the caller's thread.
inline void serially(int count, const std::function<void(int)>& task) {
  for (int i = 0; i < count; ++i) task(i);
}

inline int blocks_of(std::size_t elements) { return static_cast<int>((elements + kBlock - 1) / kBlock); }

}  // namespace squat::qat
