// SPDX-License-Identifier: Apache-2.0
// Vitis kernel: a linear layer on the MKMP array, out = requantise(weights * codes), tokens grouped by width.
#pragma once

#include "hls/ap/ap_int.hpp"
#include "hls/ap/hls_stream.hpp"

/// weights: `tiles` tiles of 32 output channels, for each tile `cols` words, word k = column k. W4: bits 8c+3..8c are channel
/// 2c,
///   8c+7..8c+4 channel 2c+1 (c < 16; the upper half is ignored). W8: byte i is channel i, -127..127.
/// table: what the kernel tclm writes. First {tokens[15:8], eight-bit tokens[7:0]}, then one word per token:
///   {eight[16], slot[15:8], token[7:0]}. 8-bit tokens have slots from 0, 4-bit tokens from the next multiple of 16.
/// codes: token t in words t*ceil(cols/16) .., byte i of a word is column 16*word + i; a 4-bit code c is the int8 8*c. Bytes
/// beyond
///   `cols` may be anything.
/// out: token t, channel n in byte n % 16 of word t*2*tiles + n/16: int8 codes; 4-bit ones as 8*c for the table's 4-bit tokens.
/// cycles: from the first step to the last read of a sum; kernels/mkmp_gemm_cycles.hpp says how many.
/// clipped: codes at an end of their range (leaf::is_clipped): many show a badly chosen factor.
/// cols 1..3072, tiles 1..1024. four_bit: W4 weights, and pairs of 4-bit tokens at four products a step; otherwise W8 weights.
/// m 0..2^17-1, s 0..46: y = sat((acc*m + 2^(s-1)) >> s). No token (a table of 0): the weights are read, nothing is written.
extern "C" void mkmp_gemm(hls::stream<ap_uint<256>>& weights, hls::stream<ap_uint<32>>& table, const ap_uint<128>* codes,
                          ap_uint<128>* out, ap_uint<32>* cycles, ap_uint<32>* clipped, ap_uint<13> cols, ap_uint<11> tiles,
                          bool four_bit, ap_uint<17> m, ap_uint<6> s);
