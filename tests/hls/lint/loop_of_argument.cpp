// SPDX-License-Identifier: Apache-2.0
// expect: loop for.*: bound of
#include "hls/ap/ap_int.hpp"

extern "C" void top(const int* in, int* out, int n) {
#pragma HLS interface m_axi port = in offset = slave bundle = gmem0 depth = 64
#pragma HLS interface m_axi port = out offset = slave bundle = gmem0 depth = 64
#pragma HLS interface s_axilite port = in
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = n
#pragma HLS interface s_axilite port = return
  int sum = 0;
  for (int i = 0; i < n; ++i) {
#pragma HLS pipeline II = 1
    sum ^= in[i] + sum * 3;
  }
  out[0] = sum;
}
