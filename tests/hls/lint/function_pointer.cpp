// SPDX-License-Identifier: Apache-2.0
// expect: virtual or indirect call
#include "hls/ap/ap_int.hpp"

static int twice(int v) { return 2 * v; }
static int thrice(int v) { return 3 * v; }

extern "C" void top(const ap_int<32>* in, ap_int<32>* out, ap_uint<16> n) {
#pragma HLS interface m_axi port = in offset = slave bundle = gmem0 depth = 64
#pragma HLS interface m_axi port = out offset = slave bundle = gmem0 depth = 64
#pragma HLS interface s_axilite port = in
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = n
#pragma HLS interface s_axilite port = return
  int (*const chosen)(int) = n == 0 ? twice : thrice;
  out[0] = chosen(in[0].to_int());
}
