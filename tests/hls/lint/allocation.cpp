// SPDX-License-Identifier: Apache-2.0
// expect: allocation: calls _Zna
#include "hls/ap/ap_int.hpp"

template <typename T>
T last(const T* in, int n) {
  T* copy = new T[64];
  for (int i = 0; i < 64; ++i) {
#pragma HLS pipeline II = 1
    copy[i] = in[i];
  }
  const T v = copy[n & 63];
  delete[] copy;
  return v;
}

extern "C" void top(const ap_int<32>* in, ap_int<32>* out, ap_uint<16> n) {
#pragma HLS interface m_axi port = in offset = slave bundle = gmem0 depth = 64
#pragma HLS interface m_axi port = out offset = slave bundle = gmem0 depth = 64
#pragma HLS interface s_axilite port = in
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = n
#pragma HLS interface s_axilite port = return
  out[0] = last(in, n.to_int());
}
