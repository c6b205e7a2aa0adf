// SPDX-License-Identifier: Apache-2.0
#include "host/engine/memory_check.hpp"

#include <array>
#include <cstring>

#include "host/model/crc32.hpp"
#include "host/model/error.hpp"

namespace squat::engine {
namespace {

std::uint32_t rotate(std::uint32_t x, unsigned bits) { return bits == 0 ? x : x << bits | x >> (32 - bits); }

[[noreturn]] void damaged(const std::string& what, const std::string& advice) {
  throw Error(ExitCode::kDeviceFailed, "device memory changed " + what +
                                           " after the accelerator had written them; no tokens of " + "this pass are valid. " +
                                           advice + ", and replace the memory if it happens again");
}

}  // namespace

std::uint32_t fold(const std::uint8_t* word, std::uint32_t unit) {
  std::array<std::uint32_t, 4> lanes{};
  std::memcpy(lanes.data(), word, sizeof(lanes));
  std::uint32_t sum = 0;
  for (unsigned lane = 0; lane < 4; ++lane) sum ^= rotate(lanes[lane], (4 * unit + lane) % 32);
  return sum;
}

void MemoryCheck::require(const KernelStart& start, const std::uint8_t* io, const StatusBlock& status) {
  const std::uint8_t* block = io + (std::size_t{start.io_units} - kStatusUnits) * 16;
  if (model::crc32(block, kStatusCrcOffset) != status.crc) damaged("the status block's bytes", "Run the pass again");
  std::uint32_t logits = 0;
  for (std::size_t at = 0; at < start.logits.size; at += 16) {
    const std::size_t offset = start.logits.offset + at;
    logits ^= fold(io + offset, static_cast<std::uint32_t>(offset / 16));
  }
  if (logits != status.logits_sum) damaged("logits", "Run the pass again");
  const std::uint32_t cache = (start.continues ? cache_ : 0) ^ status.cache_written;
  std::uint32_t read = 0;
  for (std::uint32_t copy = 0; copy < start.cache_copies; ++copy) read ^= rotate(cache, 4 * copy);
  if (status.cache_read != read) damaged("keys or values in the cache", "Start the sequence anew");
  cache_ = cache;
}

}  // namespace squat::engine
