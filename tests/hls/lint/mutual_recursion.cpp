// SPDX-License-Identifier: Apache-2.0
// expect: odd.*: recursion
#include "hls/ap/ap_int.hpp"

static bool odd(unsigned v);
static bool even(unsigned v) { return v == 0 || odd(v - 1); }
static bool odd(unsigned v) { return v != 0 && even(v - 1); }

extern "C" void top(const ap_int<32>* in, ap_int<32>* out, ap_uint<16> n) {
#pragma HLS interface m_axi port = in offset = slave bundle = gmem0 depth = 64
#pragma HLS interface m_axi port = out offset = slave bundle = gmem0 depth = 64
#pragma HLS interface s_axilite port = in
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = n
#pragma HLS interface s_axilite port = return
  out[0] = even(static_cast<unsigned>(in[0].to_int()) + n) ? 1 : 0;
}
