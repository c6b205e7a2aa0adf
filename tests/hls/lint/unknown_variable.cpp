// SPDX-License-Identifier: Apache-2.0
// expect: there is no buffers
#include "hls/ap/ap_int.hpp"

extern "C" void top(const ap_int<32>* in, ap_int<32>* out, ap_uint<16> n) {
#pragma HLS interface m_axi port = in offset = slave bundle = gmem0 depth = 64
#pragma HLS interface m_axi port = out offset = slave bundle = gmem0 depth = 64
#pragma HLS interface s_axilite port = in
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = n
#pragma HLS interface s_axilite port = return
  ap_int<32> buffer[8];
#pragma HLS array_partition variable = buffers complete
  for (int i = 0; i < 8; ++i) {
#pragma HLS pipeline II = 1
    buffer[i] = in[i];
  }
  out[0] = buffer[n & 7];
}
