// SPDX-License-Identifier: Apache-2.0
// XNNPACK's fully connected layer with 512 x 512 weights, for comparison: count_xnnpack REPEATS TOKENS. Weights and activations
// of 8 bits, results requantised to 8 bits, as its interface has it; weights packed once.
#include <xnnpack.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr std::size_t kSize = 512;
constexpr float kScale = 1.0F / 2048.0F;  ///< of the product of weights and activations, to codes of 8 bits

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int repeats = std::atoi(argv[1]);
  const auto tokens = static_cast<std::size_t>(std::atoi(argv[2]));
  std::vector<std::int8_t> w(kSize * kSize), x(kSize * tokens + XNN_EXTRA_BYTES), out(kSize * tokens);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<std::int8_t>(static_cast<int>(i * 31 % 15) - 7);
  for (std::size_t i = 0; i < kSize * tokens; ++i) x[i] = static_cast<std::int8_t>(static_cast<int>(i * 17 % 255) - 127);
  const std::vector<std::int32_t> bias(kSize, 0);
  xnn_operator_t layer = nullptr;
  if (xnn_initialize(nullptr) != xnn_status_success ||
      xnn_create_fully_connected_nc_qs8(kSize, kSize, kSize, kSize, 0, 1.0F, 1.0F, w.data(), bias.data(), 0, 1.0F / kScale,
                                        -128, 127, 0, &layer) != xnn_status_success) {
    std::fprintf(stderr, "XNNPACK has no such operator on this processor\n");
    return 4;
  }
  for (int i = 0; i < repeats; ++i) {
    if (xnn_setup_fully_connected_nc_qs8(layer, tokens, x.data(), out.data(), nullptr) != xnn_status_success ||
        xnn_run_operator(layer, nullptr) != xnn_status_success) {
      return 6;
    }
  }
  for (std::size_t t = 0; t < tokens; ++t) {
    for (std::size_t r = 0; r < kSize; ++r) {
      int sum = 0;
      for (std::size_t c = 0; c < kSize; ++c) sum += w[r * kSize + c] * x[t * kSize + c];
      const float real = std::min(127.0F, std::max(-128.0F, static_cast<float>(sum) * kScale));
      if (std::fabs(static_cast<float>(out[t * kSize + r]) - real) > 0.51F) {
        std::fprintf(stderr, "XNNPACK: token %zu, row %zu: %d, expected %f\n", t, r, out[t * kSize + r],
                     static_cast<double>(real));
        return 1;
      }
    }
  }
  return 0;
}
