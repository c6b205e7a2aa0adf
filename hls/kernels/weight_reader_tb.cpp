// SPDX-License-Identifier: Apache-2.0
// Test bench of weight_reader for C simulation and co-simulation in Vitis HLS. Exit 0: every byte arrives.
#include <cstdio>
#include <cstdlib>

#include "hls/kernels/weight_reader.hpp"

int main() {
  static ap_uint<128> image[200];
  for (int i = 0; i < 200; ++i) {
    for (int b = 0; b < 16; ++b) image[i].range(8 * b + 7, 8 * b) = ap_uint<8>(i * 37 + b * 11);
  }
  int wrong = 0;
  for (int four_bit = 0; four_bit < 2; ++four_bit) {
    hls::stream<ap_uint<256>> weights("weights");
    weight_reader(image, weights, 99, four_bit != 0);
    const int bytes = four_bit != 0 ? 16 : 32;
    for (int i = 0; i < 99; ++i) {
      const ap_uint<256> word = weights.read();
      for (int b = 0; b < bytes; ++b) {
        const int at = i * bytes + b;
        if (ap_uint<8>(word.range(8 * b + 7, 8 * b)) != ap_uint<8>(at / 16 * 37 + at % 16 * 11)) ++wrong;
      }
    }
    if (!weights.empty()) ++wrong;
  }
  std::printf(wrong == 0 ? "passed\n" : "FAILED: %d bytes\n", wrong);
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
