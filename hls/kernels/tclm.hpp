// SPDX-License-Identifier: Apache-2.0
// Vitis kernel: the token control logic module: scores -> widths, permutation and counts.
#pragma once

#include "hls/ap/ap_int.hpp"
#include "hls/ap/hls_stream.hpp"

/// scores: one per token of the pass. table: first {tokens[15:8], eight-bit tokens[7:0]}, then one word per token in order:
///   {eight[16], slot[15:8], token[7:0]}; 8-bit tokens in slots 0, 1, ..., 4-bit tokens from the next multiple of 16 on.
/// total: eight_before + 8-bit tokens of this pass. cycles: of the loops; kernels/tclm_cycles.hpp.
/// rule 0..6 (squat::hls::WidthRule); tokens 1..128; first_position of token 0; rho_num 0..1024; layer, seed: random rule;
/// threshold: budget; eight_before: 8-bit tokens at earlier positions of the layer. Rules: hls/token_control.hpp.
extern "C" void tclm(const ap_uint<32>* scores, hls::stream<ap_uint<32>>& table, ap_uint<32>* total, ap_uint<32>* cycles,
                     ap_uint<3> rule, ap_uint<8> tokens, ap_uint<16> first_position, ap_uint<11> rho_num, ap_uint<6> layer,
                     ap_uint<32> threshold, ap_uint<32> seed, ap_uint<16> eight_before);
