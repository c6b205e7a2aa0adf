// SPDX-License-Identifier: Apache-2.0
// gemmlowp's product of 512 x 512 weights, for comparison: count_gemmlowp REPEATS TOKENS. Weights and activations of 8 bits;
// the weights are packed in every call, as its interface has it.
#include <public/gemmlowp.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <tuple>
#include <vector>

namespace {

constexpr int kSize = 512;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int repeats = std::atoi(argv[1]), tokens = std::atoi(argv[2]);
  std::vector<std::uint8_t> w(kSize * kSize), x(static_cast<std::size_t>(kSize * tokens));
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<std::uint8_t>(i * 31 % 255);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::uint8_t>(i * 17 % 255);
  std::vector<std::int32_t> out(static_cast<std::size_t>(kSize * tokens));
  const gemmlowp::MatrixMap<const std::uint8_t, gemmlowp::MapOrder::RowMajor> lhs(w.data(), kSize, kSize);
  const gemmlowp::MatrixMap<const std::uint8_t, gemmlowp::MapOrder::ColMajor> rhs(x.data(), kSize, tokens);
  gemmlowp::MatrixMap<std::int32_t, gemmlowp::MapOrder::ColMajor> result(out.data(), kSize, tokens);
  gemmlowp::GemmContext context;
  context.set_max_num_threads(1);
  for (int i = 0; i < repeats; ++i) {
    gemmlowp::GemmWithOutputPipeline<std::uint8_t, std::int32_t, gemmlowp::DefaultL8R8BitDepthParams>(
        &context, lhs, rhs, &result, -128, -128, std::make_tuple());
  }
  for (int t = 0; t < tokens; ++t) {
    for (int r = 0; r < kSize; ++r) {
      std::int32_t sum = 0;
      for (int c = 0; c < kSize; ++c)
        sum += (w[static_cast<std::size_t>(r * kSize + c)] - 128) * (x[static_cast<std::size_t>(t * kSize + c)] - 128);
      if (sum != out[static_cast<std::size_t>(t * kSize + r)]) {
        std::fprintf(stderr, "gemmlowp: token %d, row %d: %d, expected %d\n", t, r,
                     out[static_cast<std::size_t>(t * kSize + r)], sum);
        return 1;
      }
    }
  }
  return 0;
}
