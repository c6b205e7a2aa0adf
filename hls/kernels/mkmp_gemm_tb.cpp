// SPDX-License-Identifier: Apache-2.0
// Test bench of mkmp_gemm for C simulation and co-simulation in Vitis HLS: random problems against plain loops. Exit 0: all
// equal.
#include <cstdio>
#include <cstdlib>

#include "hls/kernels/mkmp_gemm.hpp"
#include "hls/kernels/mkmp_gemm_cycles.hpp"

namespace {

const int kMaxK = 80, kMaxTokens = 40, kMaxChannels = 64;
int weights[kMaxChannels][kMaxK], codes[kMaxTokens][kMaxK];
ap_uint<128> code_words[kMaxTokens * kMaxK / 16], out_words[kMaxTokens * kMaxChannels / 16];

unsigned draw(unsigned count) {
  static unsigned state = 1;
  state = state * 1664525U + 1013904223U;
  return (state >> 8) % count;
}

/// acc * m / 2^s, rounded half up, on the token's grid.
int expected_code(long acc, long m, int s, bool eight) {
  const long unit = 1L << (eight ? s : s + 3);
  const long twice = 2 * acc * m + unit;
  long code = twice / (2 * unit);
  if (twice % (2 * unit) < 0) --code;
  const long top = eight ? 127 : 7;
  code = code > top ? top : code < -top - 1 ? -top - 1 : code;
  return static_cast<int>(eight ? code : 8 * code);
}

/// Number of wrong results of one random problem.
int run(int cols, int tiles, int eight, int four, bool four_bit) {
  const int tokens = eight + four, words = (cols + 15) / 16, top = four_bit ? 7 : 127;
  hls::stream<ap_uint<256>> weight_stream("weights");
  hls::stream<ap_uint<32>> table_stream("table");
  for (int n = 0; n < 32 * tiles; ++n) {
    for (int k = 0; k < cols; ++k) weights[n][k] = static_cast<int>(draw(static_cast<unsigned>(2 * top + 1))) - top;
  }
  for (int tile = 0; tile < tiles; ++tile) {
    for (int k = 0; k < cols; ++k) {
      ap_uint<256> word = 0;
      for (int i = 0; i < 32; ++i) {
        if (four_bit) word.range(4 * i + 3, 4 * i) = ap_int<4>(weights[32 * tile + i][k]);
        if (!four_bit) word.range(8 * i + 7, 8 * i) = ap_int<8>(weights[32 * tile + i][k]);
      }
      weight_stream.write(word);
    }
  }
  // Every third token is 8 bit while there are any.
  bool is_eight[kMaxTokens];
  int left = eight;
  for (int t = 0; t < tokens; ++t) {
    is_eight[t] = left > 0 && (t % 3 == 0 || tokens - t == left);
    if (is_eight[t]) --left;
  }
  unsigned next8 = 0, next4 = static_cast<unsigned>((eight + 15) / 16 * 16);
  table_stream.write(static_cast<unsigned>(tokens << 8 | eight));
  for (int t = 0; t < tokens; ++t) {
    const unsigned slot = is_eight[t] ? next8++ : next4++;
    table_stream.write((is_eight[t] ? 1U : 0U) << 16 | slot << 8 | static_cast<unsigned>(t));
    for (int k = 0; k < cols; ++k) {
      codes[t][k] = is_eight[t] ? static_cast<int>(draw(256)) - 128 : 8 * (static_cast<int>(draw(16)) - 8);
      code_words[t * words + k / 16].range(8 * (k % 16) + 7, 8 * (k % 16)) = ap_int<8>(codes[t][k]);
    }
  }
  const unsigned m = 65536 + draw(65536);
  const int s = four_bit ? 22 : 26;
  ap_uint<32> cycles = 0, clipped = 0;
  unsigned ends = 0;
  mkmp_gemm(weight_stream, table_stream, code_words, out_words, &cycles, &clipped, static_cast<unsigned>(cols),
            static_cast<unsigned>(tiles), four_bit, m, static_cast<unsigned>(s));
  int wrong = 0;
  for (int t = 0; t < tokens; ++t) {
    for (int n = 0; n < 32 * tiles; ++n) {
      long acc = 0;
      for (int k = 0; k < cols; ++k) acc += weights[n][k] * codes[t][k];
      const ap_int<8> got = out_words[t * 2 * tiles + n / 16].range(8 * (n % 16) + 7, 8 * (n % 16));
      const int code = expected_code(acc, m, s, is_eight[t]), high = is_eight[t] ? 127 : 56;
      if (got.to_int() != code) ++wrong;
      if (code == high || code == (is_eight[t] ? -128 : -64)) ++ends;
    }
  }
  squat::hls::GemmSize size;
  size.cols = cols;
  size.tiles = tiles;
  size.eight = eight;
  size.four = four;
  size.four_bit = four_bit;
  if (clipped != ends) ++wrong;
  if (cycles != static_cast<unsigned>(squat::hls::mkmp_gemm_cycles(size))) ++wrong;
  std::printf("K %d, %d tiles, %d + %d tokens, W%d: %u cycles, %d wrong\n", cols, tiles, eight, four, four_bit ? 4 : 8,
              static_cast<unsigned>(cycles.to_int()), wrong);
  return wrong;
}

}  // namespace

int main() {
  int wrong = 0;
  wrong += run(64, 2, 5, 3, true);
  wrong += run(77, 1, 0, 35, true);
  wrong += run(9, 2, 17, 0, true);
  wrong += run(80, 1, 20, 20, false);
  std::printf(wrong == 0 ? "passed\n" : "FAILED\n");
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
