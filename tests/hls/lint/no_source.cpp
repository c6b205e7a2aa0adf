// SPDX-License-Identifier: Apache-2.0
// expect: calls .*elsewhere.*, which has no source here
#include "hls/ap/ap_int.hpp"

int elsewhere(int v);

extern "C" void top(const ap_int<32>* in, ap_int<32>* out, ap_uint<16> n) {
#pragma HLS interface m_axi port = in offset = slave bundle = gmem0 depth = 64
#pragma HLS interface m_axi port = out offset = slave bundle = gmem0 depth = 64
#pragma HLS interface s_axilite port = in
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = n
#pragma HLS interface s_axilite port = return
  out[0] = elsewhere(in[0].to_int()) + n;
}
