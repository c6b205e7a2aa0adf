// SPDX-License-Identifier: Apache-2.0
// A random problem for the kernel mkmp_gemm, its streams, and the expected codes from plain loops (tests/oracle).
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "hls/kernels/mkmp_gemm.hpp"
#include "hls/kernels/mkmp_gemm_cycles.hpp"
#include "tests/oracle/exact.hpp"

namespace squat::test {

struct GemmCase {
  hls::GemmSize size;
  unsigned m = 65536, s = 20;
  std::vector<int> weights;  ///< (32*tiles, cols)
  std::vector<int> codes;    ///< (tokens, cols)
  std::vector<int> eight;    ///< (tokens)
  std::vector<unsigned> slot;

  int tokens() const { return size.eight + size.four; }
  int channels() const { return 32 * size.tiles; }
  int token_words() const { return (size.cols + 15) / 16; }

  /// Values are uniform, one in four an extreme; the widths stand in random order.
  GemmCase(const hls::GemmSize& g, std::uint32_t seed) : size(g) {
    std::mt19937 random(seed);
    const auto draw = [&random](int low, int high) {
      const auto kind = random() % 8;
      return kind == 0 ? low : kind == 1 ? high : low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
    };
    const int top = g.four_bit ? 7 : 127;
    for (int i = 0; i < channels() * g.cols; ++i) weights.push_back(draw(-top, top));
    eight.assign(static_cast<std::size_t>(tokens()), 0);
    for (int i = 0; i < g.eight; ++i) eight[static_cast<std::size_t>(i)] = 1;
    std::shuffle(eight.begin(), eight.end(), random);
    for (const int e : eight) {
      for (int k = 0; k < g.cols; ++k) codes.push_back(e != 0 ? draw(-128, 127) : 8 * draw(-8, 7));
    }
    unsigned next8 = 0, next4 = static_cast<unsigned>((g.eight + 15) / 16 * 16);
    for (const int e : eight) slot.push_back(e != 0 ? next8++ : next4++);
    // A factor that spreads the sums over the codes' range.
    m = 65536 + static_cast<unsigned>(random() % 65536);
    s = 19;
    for (int n = g.cols * (g.four_bit ? 1 : 256); n > 1; n /= 4) ++s;
  }

  ap_uint<256> weight_word(int tile, int k) const {
    ap_uint<256> word = 0;
    for (int i = 0; i < 32; ++i) {
      const auto w = static_cast<std::uint64_t>(weights[static_cast<std::size_t>((32 * tile + i) * size.cols + k)]);
      if (size.four_bit) word.range(4 * i + 3, 4 * i) = w;
      if (!size.four_bit) word.range(8 * i + 7, 8 * i) = w;
    }
    return word;
  }

  void write_weights(::hls::stream<ap_uint<256>>& stream) const {
    for (int tile = 0; tile < size.tiles; ++tile) {
      for (int k = 0; k < size.cols; ++k) stream.write(weight_word(tile, k));
    }
  }

  void write_table(::hls::stream<ap_uint<32>>& stream) const {
    stream.write(static_cast<unsigned>(tokens() << 8 | size.eight));
    for (unsigned t = 0; t < slot.size(); ++t) stream.write(static_cast<unsigned>(eight[t]) << 16 | slot[t] << 8 | t);
  }

  /// The codes as words; rubbish beyond the columns.
  std::vector<ap_uint<128>> code_words() const {
    std::vector<ap_uint<128>> words(static_cast<std::size_t>(tokens() * token_words()) + 1);
    for (int t = 0; t < tokens(); ++t) {
      for (int k = 0; k < 16 * token_words(); ++k) {
        const int code = k < size.cols ? codes[static_cast<std::size_t>(t * size.cols + k)] : 0x5a;
        words[static_cast<std::size_t>(t * token_words() + k / 16)].range(8 * (k % 16) + 7, 8 * (k % 16)) =
            static_cast<std::uint64_t>(code);
      }
    }
    return words;
  }

  /// (tokens, channels).
  std::vector<int> expected() const {
    std::vector<int> out;
    const auto sums = oracle::gemm(weights, channels(), size.cols, codes, tokens());
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const bool is_eight = eight[i / static_cast<std::size_t>(channels())] != 0;
      out.push_back(static_cast<int>(oracle::requantize_code(sums[i], m, static_cast<int>(s), is_eight, -128)));
    }
    return out;
  }
};

/// Codes at an end of their range.
inline std::uint32_t count_ends(const GemmCase& c, const std::vector<int>& codes) {
  std::uint32_t ends = 0;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const bool is_eight = c.eight[i / static_cast<std::size_t>(c.channels())] != 0;
    ends += codes[i] == (is_eight ? -128 : -64) || codes[i] == (is_eight ? 127 : 56) ? 1U : 0U;
  }
  return ends;
}

struct GemmResult {
  std::vector<int> codes;  ///< (tokens, channels)
  std::uint32_t cycles = 0, clipped = 0;
  bool all_read = false;       ///< both streams are empty
  bool only_its_words = true;  ///< nothing beyond the result was written
};

inline GemmResult run_kernel(const GemmCase& c) {
  ::hls::stream<ap_uint<256>> weights("weights");
  ::hls::stream<ap_uint<32>> table("table");
  c.write_weights(weights);
  c.write_table(table);
  const auto codes = c.code_words();
  ap_uint<128> mark = 0;
  mark.range(127, 64) = 0x123456789abcdef0U;
  const std::size_t size = static_cast<std::size_t>(c.tokens() * 2 * c.size.tiles);
  std::vector<ap_uint<128>> out(size + 4, mark);
  ap_uint<32> cycles = 0, clipped = 0;
  mkmp_gemm(weights, table, codes.data(), out.data(), &cycles, &clipped, c.size.cols, c.size.tiles, c.size.four_bit, c.m, c.s);
  GemmResult r;
  r.cycles = static_cast<std::uint32_t>(cycles);
  r.clipped = static_cast<std::uint32_t>(clipped);
  r.all_read = weights.empty() && table.empty();
  for (std::size_t i = size; i < out.size(); ++i) r.only_its_words = r.only_its_words && out[i] == mark;
  for (std::size_t i = 0; i < size; ++i) {
    for (int b = 0; b < 16; ++b) r.codes.push_back(ap_int<8>(out[i].range(8 * b + 7, 8 * b)).to_int());
  }
  return r;
}

}  // namespace squat::test
