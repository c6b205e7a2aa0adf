// SPDX-License-Identifier: Apache-2.0
#include "hls/kernels/mkmp_gemm.hpp"

#include "hls/kernels/mkmp_array.hpp"
#include "hls/leaves/clipping.hpp"
#include "hls/leaves/requantizing.hpp"

namespace squat {
namespace hls {

void read_table(::hls::stream<ap_uint<32>>& words, SlotTable& table) {
  const ap_uint<32> counts = words.read();
  table.tokens = counts.range(15, 8);
  table.eight = counts.range(7, 0);
read_table_tokens:
  for (int i = 0; i < kMaxChunk; ++i) {
#pragma HLS pipeline II = 1
    if (i >= table.tokens) break;
    const ap_uint<32> word = words.read();
    const ap_uint<7> token = word.range(6, 0);
    const ap_uint<8> slot = word.range(15, 8);
    table.slot_of_token[token] = slot;
    table.token_of_slot[slot] = token;
  }
}

void read_codes(const ap_uint<128>* codes, const SlotTable& table, ap_uint<13> cols, ActivationMemory& memory) {
  const ap_uint<9> words = ap_uint<9>((cols + (kLanes - 1)) >> 4);
  int at = 0;
read_codes_tokens:
  for (int token = 0; token < kMaxChunk; ++token) {
    if (token >= table.tokens) break;
    const ap_uint<8> slot = table.slot_of_token[token];
    const ap_uint<4> first = ap_uint<4>(slot);
  read_codes_words:
    for (int word = 0; word < kMaxCols / kLanes; ++word) {
#pragma HLS pipeline II = 1
      if (word >= words) break;
      const ap_uint<128> w = codes[at + word];
    read_codes_banks:
      for (int b = 0; b < kRows; ++b) {
#pragma HLS unroll
        const ap_uint<4> lane = ap_uint<4>(b - first);
        const ap_uint<16> address = ap_uint<16>((slot >> 4) * kMaxCols + word * kLanes + lane);
        memory.bank[b][address] = ap_int<8>(w.range(8 * lane.to_int() + 7, 8 * lane.to_int()));
      }
    }
    at += words.to_int();
  }
}

void requantize_sums(::hls::stream<SumBeat>& sums, ap_uint<8> tokens, ap_uint<11> tiles, ap_uint<17> m, ap_uint<6> s,
                     ap_uint<128>* out, ap_uint<32>* clipped) {
  const int beats = 2 * tokens.to_int() * tiles.to_int();
  ap_uint<32> count = 0;
requantize_beats:
  for (int i = 0; i < 2 * kMaxChunk * kMaxTiles; ++i) {
#pragma HLS pipeline II = 1
    if (i >= beats) break;
    const SumBeat beat = sums.read();
    ap_uint<128> word = 0;
    ap_uint<5> ends = 0;
  requantize_lanes:
    for (int lane = 0; lane < kLanes; ++lane) {
#pragma HLS unroll
      const ap_int<8> code = leaf::requantize_code<ApNumbers>(ap_int<27>(beat.lane[lane]), m, s, beat.eight, ap_int<32>(-128));
      if (leaf::is_clipped<ApNumbers>(code, beat.eight)) ends += 1;
      word.range(8 * lane + 7, 8 * lane) = code;
    }
    count += ends;
    out[beat.token.to_int() * (2 * tiles.to_int()) + beat.word.to_int()] = word;
  }
  *clipped = count;
}

namespace {

/// Array and requantiser side by side.
void run(::hls::stream<ap_uint<256>>& weights, const ActivationMemory& memory, const SlotTable& table, ap_uint<8> tokens,
         const GemmShape& shape, ap_uint<17> m, ap_uint<6> s, ap_uint<128>* out, ap_uint<32>* cycles, ap_uint<32>* clipped) {
#pragma HLS dataflow
  ::hls::stream<SumBeat> sums("sums");
#pragma HLS stream variable = sums depth = 4
  multiply(weights, memory, table, shape, sums, cycles);
  requantize_sums(sums, tokens, shape.tiles, m, s, out, clipped);
}

}  // namespace
}  // namespace hls
}  // namespace squat

extern "C" void mkmp_gemm(hls::stream<ap_uint<256>>& weights, hls::stream<ap_uint<32>>& table, const ap_uint<128>* codes,
                          ap_uint<128>* out, ap_uint<32>* cycles, ap_uint<32>* clipped, ap_uint<13> cols, ap_uint<11> tiles,
                          bool four_bit, ap_uint<17> m, ap_uint<6> s) {
#pragma HLS interface axis port = weights
#pragma HLS interface axis port = table
#pragma HLS interface m_axi port = codes offset = slave bundle = gmem0 depth = 24576
#pragma HLS interface m_axi port = out offset = slave bundle = gmem1 depth = 262144
#pragma HLS interface m_axi port = clipped offset = slave bundle = gmem1 depth = 1
#pragma HLS interface m_axi port = cycles offset = slave bundle = gmem2 depth = 1
#pragma HLS interface s_axilite port = codes
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = cycles
#pragma HLS interface s_axilite port = clipped
#pragma HLS interface s_axilite port = cols
#pragma HLS interface s_axilite port = tiles
#pragma HLS interface s_axilite port = four_bit
#pragma HLS interface s_axilite port = m
#pragma HLS interface s_axilite port = s
#pragma HLS interface s_axilite port = return
  squat::hls::SlotTable slots;
  static squat::hls::ActivationMemory memory;
#pragma HLS array_partition variable = memory.bank complete dim = 1
#pragma HLS bind_storage variable = memory.bank type = ram_t2p impl = bram
  const squat::hls::GemmShape shape = {cols, tiles, four_bit};
  squat::hls::read_table(table, slots);
  squat::hls::read_codes(codes, slots, cols, memory);
  squat::hls::run(weights, memory, slots, slots.tokens, shape, m, s, out, cycles, clipped);
}
