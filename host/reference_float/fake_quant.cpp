// SPDX-License-Identifier: Apache-2.0
#include "host/reference_float/fake_quant.hpp"

#include <algorithm>
#include <cmath>

#include "hls/token_control.hpp"

namespace squat::reference {

namespace {

constexpr float kMagic = 0x1.8p23f;  // adding and subtracting it rounds |v| < 2^22 to the nearest integer, halves to even

float grid_code(float x, float inverse, float lo, float hi) {
  return (std::min(std::max(x * inverse, lo), hi) + kMagic) - kMagic;
}

}  // namespace

void round_to_grid(float* x, std::size_t count, double scale, int lo, int hi) {
  const auto step = static_cast<float>(scale), inverse = static_cast<float>(1.0 / scale);
  const auto low = static_cast<float>(lo), high = static_cast<float>(hi);
  for (std::size_t i = 0; i < count; ++i) x[i] = grid_code(x[i], inverse, low, high) * step;
}

void grid_codes(const float* x, std::size_t count, double scale, int lo, int hi, std::int8_t* codes) {
  const auto inverse = static_cast<float>(1.0 / scale);
  const auto low = static_cast<float>(lo), high = static_cast<float>(hi);
  for (std::size_t i = 0; i < count; ++i) codes[i] = static_cast<std::int8_t>(grid_code(x[i], inverse, low, high));
}

void round_rows(float* x, int rows, int cols, double scale, int lowest8, const std::vector<std::uint8_t>& eight) {
  const auto width = static_cast<std::size_t>(cols);
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
    if (eight[r]) {
      round_to_grid(x + r * width, width, scale, lowest8, 127);
    } else {
      round_to_grid(x + r * width, width, 8 * scale, -8, 7);
    }
  }
}

std::vector<std::uint8_t> token_widths(const model::WidthPolicy& policy, int layer, const std::vector<std::uint32_t>& scores) {
  std::vector<std::uint8_t> eight(scores.size(), policy.activations == model::Activations::k4 ? 0 : 1);
  if (policy.activations != model::Activations::kMixed) return eight;
  hls::WidthParams params;
  params.rule = policy.rule;
  params.rho_num = policy.rho_num;
  params.seed = policy.seed;
  params.layer = static_cast<std::uint32_t>(layer);
  if (static_cast<std::size_t>(layer) < policy.thresholds.size())
    params.threshold = policy.thresholds[static_cast<std::size_t>(layer)];
  std::uint32_t before = 0;
  for (std::size_t at = 0; at < scores.size(); at += hls::kMaxChunk) {
    const auto tokens = static_cast<int>(std::min<std::size_t>(hls::kMaxChunk, scores.size() - at));
    before = hls::assign_widths(params, scores.data() + at, tokens, static_cast<std::uint32_t>(at), before, eight.data() + at);
  }
  return eight;
}

}  // namespace squat::reference
