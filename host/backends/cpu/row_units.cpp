// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/row_units.hpp"

#include <algorithm>
#include <cstddef>

#include "hls/bits.hpp"
#include "hls/layer_norm.hpp"
#include "hls/requantize.hpp"
#include "hls/rms_norm.hpp"
#include "hls/rope.hpp"

namespace squat::backends::cpu {

namespace {

/// sum (n) += r * codes.
void add_codes(const VectorUnits& units, const std::int8_t* codes, int n, hls::Requant r, std::int32_t* sum) {
  constexpr int kMost = 256;
  std::int32_t wide[kMost];
  for (int i = 0; i < n; i += kMost) {
    const int count = std::min(kMost, n - i);
    std::copy_n(codes + i, count, wide);
    units.add_residual(sum + i, wide, count, r);
  }
}

}  // namespace

void embed_row(const model::IntegerModel& m, const VectorUnits& units, int id, int position, std::int32_t* sum) {
  const int hidden = m.config.hidden_size;
  const auto row = [hidden](const auto& matrix, int r) {
    return matrix.codes.data() + static_cast<std::size_t>(r) * static_cast<std::size_t>(hidden);
  };
  std::fill_n(sum, hidden, 0);
  add_codes(units, row(m.embedding, id), hidden, m.embed_residual, sum);
  if (m.config.gpt2()) add_codes(units, row(m.positions, position), hidden, m.position_residual, sum);
}

void rope_row(const model::IntegerModel& m, int position, std::int32_t* cos, std::int32_t* sin) {
  const std::size_t half = static_cast<std::size_t>(m.config.head_dim) / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const hls::SinCos cs = hls::rope_sincos(static_cast<std::uint32_t>(position), m.rope_step[i]);
    cos[i] = cs.cos;
    sin[i] = cs.sin;
  }
}

void norm_row(const model::IntegerModel& m, const VectorUnits& units, const model::IntNorm& n, const std::int32_t* x,
              bool eight_bit, std::int8_t* code) {
  const int hidden = m.config.hidden_size;
  const bool centred = m.config.gpt2();
  const std::int32_t mean = centred ? hls::layer_mean(x, hidden, m.mean) : 0;
  const std::uint32_t largest = units.largest_magnitude(x, hidden);
  const int d = centred ? std::max(hls::bit_length(largest) - 14, 0) : hls::norm_down_shift(largest);  // hls::layer_norm_scale
  const std::uint64_t sum = (m.norm_eps >> (2 * d)) + units.sum_of_squares(x, hidden, mean, d);
  const hls::NormScale s = hls::norm_scale_of_sum(sum, d);
  const RowScale scale{s.d, s.r, s.k};
  if (centred) {
    units.layer_norm(x, hidden, mean, scale, n.gain.data(), n.beta.data(), n.shift, eight_bit, code);
  } else {
    units.norm(x, hidden, scale, n.gain.data(), n.shift, eight_bit, code);
  }
}

}  // namespace squat::backends::cpu
