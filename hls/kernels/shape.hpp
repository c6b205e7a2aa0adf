// SPDX-License-Identifier: Apache-2.0
// Sizes of the kernels: the array of the RTL (hw/rtl/squat_mac_array.sv) and the largest problem.
#pragma once

#include "hls/leaves/packing.hpp"
#include "hls/leaves/widths.hpp"

namespace squat {
namespace hls {

constexpr int kRows = 16;                           ///< slots of one step
constexpr int kCols = 16;                           ///< DSP columns, two output channels each
constexpr int kTileChannels = 2 * kCols;            ///< output channels of a tile
constexpr int kRowGroups = kRows / kExtractPeriod;  ///< splitters per column
constexpr int kLanes = 16;                          ///< codes of a 128-bit word
constexpr int kMaxCols = 3072;                      ///< K; the activation memory is sized by it
constexpr int kMaxTiles = 1024;                     ///< 32768 output channels
constexpr int kGroups = kMaxSlots / kRows;          ///< groups of slots in use at most
constexpr int kMaxPasses = kGroups;                 ///< passes of a tile at most
/// From a pass's last step to the first read of its sums: the array's registers and the eight cycles of extraction.
constexpr int kArrayLatency = 13;

static_assert(kRows == kSlotGroup, "a step takes one group of slots");
static_assert(std::int64_t{kMaxCols} * 127 * 128 < std::int64_t{1} << 26, "sums fit the requantiser's 27 bits");

}  // namespace hls
}  // namespace squat
