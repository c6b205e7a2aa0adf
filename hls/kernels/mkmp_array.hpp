// SPDX-License-Identifier: Apache-2.0
// The parts of mkmp_gemm: token tables, activation memory, array, requantisation.
#pragma once

#include "hls/ap/ap_numbers.hpp"
#include "hls/ap/hls_stream.hpp"
#include "hls/kernels/shape.hpp"

namespace squat {
namespace hls {

/// The two groups of slots, and whose they are.
struct SlotTable {
  ap_uint<8> tokens;  ///< 0..128
  ap_uint<8> eight;   ///< 8-bit ones: slots 0 .. eight-1
  ap_uint<7> token_of_slot[kMaxSlots];
  ap_uint<8> slot_of_token[kMaxChunk];
};

/// Codes: slot s, column k in bank (s + k) % 16 at address (s/16)*kMaxCols + k. So both 16 columns of a slot and one column of
/// 16 slots are one access to every bank.
struct ActivationMemory {
  ap_int<8> bank[kRows][kGroups * kMaxCols];
};

/// 16 channels of one token: sums on the 8-bit grid.
struct SumBeat {
  ap_int<32> lane[kLanes];
  ap_uint<7> token;
  ap_uint<12> word;  ///< 2*tile + half
  bool eight;        ///< the token keeps 8 bits
};

struct GemmShape {
  ap_uint<13> cols;
  ap_uint<11> tiles;
  bool four_bit;
};

void read_table(::hls::stream<ap_uint<32>>& words, SlotTable& table);
void read_codes(const ap_uint<128>* codes, const SlotTable& table, ap_uint<13> cols, ActivationMemory& memory);

/// All steps of all passes of all tiles, one step a cycle; `cycles` of them until the last sum was given.
void multiply(::hls::stream<ap_uint<256>>& weights, const ActivationMemory& memory, const SlotTable& table,
              const GemmShape& shape, ::hls::stream<SumBeat>& sums, ap_uint<32>* cycles);

void requantize_sums(::hls::stream<SumBeat>& sums, ap_uint<8> tokens, ap_uint<11> tiles, ap_uint<17> m, ap_uint<6> s,
                     ap_uint<128>* out, ap_uint<32>* clipped);

}  // namespace hls
}  // namespace squat
