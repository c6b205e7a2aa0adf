// SPDX-License-Identifier: Apache-2.0
// Vitis kernel: the weight image of one matrix from memory into the stream that mkmp_gemm reads.
#pragma once

#include "hls/ap/ap_int.hpp"
#include "hls/ap/hls_stream.hpp"

/// image: four_bit: 128-bit words, word tile*cols + k = column k of a tile; otherwise two of them per column, channels 0..15
/// first. words: columns in all, tiles * cols, 1 .. 3 * 2^20.
extern "C" void weight_reader(const ap_uint<128>* image, hls::stream<ap_uint<256>>& weights, ap_uint<23> words, bool four_bit);
