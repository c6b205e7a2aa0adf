// SPDX-License-Identifier: Apache-2.0
// expect: argument n of top: ports none
#include "hls/ap/ap_int.hpp"

extern "C" void top(ap_int<32>* out, ap_uint<16> n) {
#pragma HLS interface m_axi port = out offset = slave bundle = gmem0 depth = 64
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = return
  out[0] = n;
}
