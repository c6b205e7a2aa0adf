// SPDX-License-Identifier: Apache-2.0
// Notices when device memory changed what the kernel wrote: key-value cache, logits, status block. docs/develop/accelerator.md,
// "Damaged memory".
#pragma once

#include <cstdint>

#include "host/engine/kernel_link.hpp"
#include "host/engine/status_block.hpp"

namespace squat::engine {

/// The part of a memory sum (hw/rtl/squat_fold_pkg.sv) of one 16-byte word; unit: its offset in its buffer, in words.
std::uint32_t fold(const std::uint8_t* word, std::uint32_t unit);

/// Loads of the same keys or values that join the sum of the cache, each rotated by four bits more than the one before.
inline constexpr std::uint32_t kSummedCopies = 8;

/// One per sequence of runs over the same cache.
class MemoryCheck {
 public:
  /// After a run that reported no error. io: the pass buffer as fetched. Throws squat::Error (device failed) that names what is
  /// damaged and what to do.
  void require(const KernelStart& start, const std::uint8_t* io, const StatusBlock& status);

 private:
  std::uint32_t cache_ = 0;  ///< sum of the keys and values of the sequence so far
};

}  // namespace squat::engine
