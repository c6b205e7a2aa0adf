// SPDX-License-Identifier: Apache-2.0
#include "hls/kernels/weight_reader.hpp"

#include "hls/kernels/shape.hpp"

extern "C" void weight_reader(const ap_uint<128>* image, hls::stream<ap_uint<256>>& weights, ap_uint<23> words, bool four_bit) {
#pragma HLS interface m_axi port = image offset = slave bundle = gmem0 depth = 8388608
#pragma HLS interface axis port = weights
#pragma HLS interface s_axilite port = image
#pragma HLS interface s_axilite port = words
#pragma HLS interface s_axilite port = four_bit
#pragma HLS interface s_axilite port = return
  const int reads = four_bit ? words.to_int() : 2 * words.to_int();
  ap_uint<256> word = 0;
read_words:
  for (int i = 0; i < 2 * squat::hls::kMaxCols * squat::hls::kMaxTiles; ++i) {
#pragma HLS pipeline II = 1
    if (i >= reads) break;
    const ap_uint<128> part = image[i];
    const int low = !four_bit && i % 2 != 0 ? 128 : 0;
    word.range(low + 63, low) = ap_uint<64>(part.range(63, 0));
    word.range(low + 127, low + 64) = ap_uint<64>(part.range(127, 64));
    if (four_bit || i % 2 != 0) weights.write(word);
  }
}
