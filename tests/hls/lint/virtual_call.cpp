// SPDX-License-Identifier: Apache-2.0
// expect: virtual or indirect call
#include "hls/ap/ap_int.hpp"

struct Operation {
  virtual ~Operation() = default;
  virtual int apply(int v) const = 0;
};
struct Twice : Operation {
  int apply(int v) const override { return 2 * v; }
};
static int through(const Operation& o, int v) { return o.apply(v); }

extern "C" void top(const ap_int<32>* in, ap_int<32>* out, ap_uint<16> n) {
#pragma HLS interface m_axi port = in offset = slave bundle = gmem0 depth = 64
#pragma HLS interface m_axi port = out offset = slave bundle = gmem0 depth = 64
#pragma HLS interface s_axilite port = in
#pragma HLS interface s_axilite port = out
#pragma HLS interface s_axilite port = n
#pragma HLS interface s_axilite port = return
  const Twice twice;
  out[0] = through(twice, in[0].to_int()) + n;
}
