// SPDX-License-Identifier: Apache-2.0
// The accelerator's on-chip memories as plain arrays, addressed as in docs/develop/accelerator.md, "Memories".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "hls/rope.hpp"
#include "hls/token_control.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::sim {

using VectorWord = std::array<std::int32_t, 16>;
using RingWord = std::array<std::uint8_t, 16>;

/// int8 codes in 2 halves x 16 banks; a region is (base, stride).
class ActivationMemory {
 public:
  ActivationMemory() : bytes_(std::size_t{2} * 16 * spec::kSimAsramDepth) {}
  std::uint8_t& at(std::uint32_t base, std::uint32_t stride, std::uint32_t slot, std::uint32_t column) {
    const std::uint32_t half = (slot / 16) & 1U;
    const std::uint32_t bank = (slot + column) % 16;
    const std::uint32_t address = (base + (slot / 32) * stride + column) % spec::kSimAsramDepth;
    return bytes_[(std::size_t{half} * 16 + bank) * spec::kSimAsramDepth + address];
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

struct WidthTable {
  hls::Grouping grouping{};
  std::array<std::uint8_t, hls::kMaxChunk> eight{};
};

struct OnChip {
  ActivationMemory activation;
  std::vector<VectorWord> vector = std::vector<VectorWord>(spec::kSimVsramDepth);
  std::array<std::deque<RingWord>, 4> ring;
  std::array<WidthTable, 2> tables;
  /// Gains, offsets of LayerNorm, biases, RoPE steps: the buffers of load_params.
  std::array<std::vector<std::int32_t>, 4> params{std::vector<std::int32_t>(2048), std::vector<std::int32_t>(2048),
                                                  std::vector<std::int32_t>(std::size_t{spec::kSimBiasDepth} * 16),
                                                  std::vector<std::int32_t>(64)};
  std::vector<hls::SinCos> rope = std::vector<hls::SinCos>(std::size_t{hls::kMaxChunk} * 64);  ///< token * head_dim/2 + pair
  std::array<std::uint32_t, hls::kMaxChunk> scores{};
  std::array<std::uint32_t, 64> eight_total{};
};

}  // namespace squat::sim
