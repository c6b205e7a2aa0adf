// SPDX-License-Identifier: Apache-2.0
// expect: an innermost loop that is neither pipelined nor unrolled
#include "hls/ap/ap_int.hpp"

extern "C" void top(const ap_int<32>* in, ap_int<32>* out, ap_uint<16> n) {
#pragma HLS interface m_axi port = in offset = slave bundle = gmem0 depth = 64
#pragma HLS interface m_axi port = out offset = slave bundle = gmem0 depth = 64
#pragma HLS interface s_axilite port = in
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = n
#pragma HLS interface s_axilite port = return
  for (int i = 0; i < 8; ++i) out[i] = in[i] + n;
}
