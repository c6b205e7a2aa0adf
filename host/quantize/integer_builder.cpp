// SPDX-License-Identifier: Apache-2.0
#include "host/quantize/integer_builder.hpp"

#include <algorithm>
#include <cmath>

#include "hls/layer_norm.hpp"
#include "host/model/error.hpp"
#include "host/model/integer_check.hpp"
#include "host/model/tensor_names.hpp"
#include "host/reference_float/fake_quant.hpp"

namespace squat::quantize {
namespace {

constexpr double kResidualOne = 65536.0;  // the residual stream has 16 fraction bits
constexpr double kLog2E = 1.4426950408889634;
constexpr double kTwoPi = 6.283185307179586;

/// Gains with the most fraction bits that fit 18 signed bits; the shift is 24 more than those.
model::IntNorm norm_with_shift(const std::vector<float>& gamma, double scale, int lowest_shift, const std::string& what) {
  const double factor = std::sqrt(static_cast<double>(gamma.size())) / scale;
  double largest = 0;
  for (const float g : gamma) largest = std::max(largest, std::fabs(static_cast<double>(g)) * factor);
  constexpr double kMax = 131071.0;
  int e = largest > 0 ? 17 - (std::ilogb(largest) + 1) : 0;
  while (largest > 0 && std::llround(std::ldexp(largest, e)) > static_cast<long long>(kMax)) --e;
  e = std::min(e, 35);
  if (24 + e < lowest_shift)
    throw input_error(what + ": gain " + std::to_string(largest) + " is too large for its scale; check the norm weights");
  model::IntNorm norm;
  norm.shift = 24 + e;
  for (const float g : gamma) {
    norm.gain.push_back(static_cast<std::int32_t>(std::llround(std::ldexp(static_cast<double>(g) * factor, e))));
  }
  return norm;
}

}  // namespace

std::vector<std::uint32_t> rope_steps(const model::ModelConfig& config) {
  std::vector<std::uint32_t> steps;
  for (int i = 0; i < config.head_dim / 2; ++i) {
    const double turns = std::pow(config.rope_theta, -2.0 * i / config.head_dim) / kTwoPi;
    steps.push_back(config.gpt2() ? 0 : static_cast<std::uint32_t>(std::llround(turns * 4294967296.0)));
  }
  return steps;
}

hls::Requant make_requant(double factor, const std::string& what) {
  if (!(factor > 0) || !std::isfinite(factor) || factor >= 65536.0) {
    throw input_error(what + ": expected a rescaling factor above 0 and below 65536, found " + std::to_string(factor) +
                      "; the scales around it do not fit the integer format");
  }
  int s = 16 - std::ilogb(factor);
  if (s > 46) return {0, 1};
  auto m = static_cast<std::uint32_t>(std::llround(std::ldexp(factor, s)));
  if (m == 1u << 17) {
    m >>= 1;
    --s;
  }
  if (s < 1) return make_requant(65536.0, what);  // rounded up to the limit
  return {m, static_cast<std::uint32_t>(s)};
}

model::IntNorm make_norm(const std::vector<float>& gamma, double scale, const std::string& what) {
  return norm_with_shift(gamma, scale, 1, what);
}

model::IntNorm make_layer_norm(const std::vector<float>& gamma, const std::vector<float>& beta, double scale,
                               const std::string& what, std::vector<std::string>& warnings) {
  model::IntNorm norm = norm_with_shift(gamma, scale, hls::kMinLayerNormShift, what);
  constexpr double kMax = hls::kBetaMax;
  int clipped = 0;
  for (const float b : beta) {
    const double code = std::ldexp(static_cast<double>(b) / scale, hls::kBetaFraction);
    clipped += std::fabs(code) > kMax ? 1 : 0;
    norm.beta.push_back(static_cast<std::int32_t>(std::llround(std::clamp(code, -kMax, kMax))));
  }
  if (clipped > 0) {
    warnings.push_back(what + ": " + std::to_string(clipped) + " of " + std::to_string(beta.size()) +
                       " offsets lie beyond +-32768 codes and are clipped");
  }
  return norm;
}

std::vector<std::int32_t> make_bias(const std::vector<float>& bias, double unit, const std::string& what) {
  std::vector<std::int32_t> out;
  for (const float b : bias) {
    const double value = static_cast<double>(b) / unit;
    if (!(std::fabs(value) < 0x1p26)) {
      throw input_error(what + ": bias " + std::to_string(b) + " is " + std::to_string(value) +
                        " units of the accumulator: expected less than 2^26; check the weights and the calibration text");
    }
    out.push_back(static_cast<std::int32_t>(std::llround(value)));
  }
  return out;
}

model::IntMatrix make_matrix(const model::FloatMatrix& weights, double scale, int bits, const std::string& what,
                             double warn_clipped, std::vector<std::string>& warnings) {
  if (!(scale > 0) || !std::isfinite(scale))
    throw input_error(what + ": expected a positive scale, found " + std::to_string(scale));
  const int q = (1 << (bits - 1)) - 1;
  model::IntMatrix m{weights.rows, weights.cols, bits, scale, {}, {}};
  m.codes.resize(weights.w.size());
  reference::grid_codes(weights.w.data(), weights.w.size(), scale, -q, q, m.codes.data());
  const auto limit = static_cast<float>((q + 0.5) * scale);
  const auto outside = std::count_if(weights.w.begin(), weights.w.end(), [&](float w) { return std::fabs(w) > limit; });
  const double share = static_cast<double>(outside) / static_cast<double>(std::max<std::size_t>(1, weights.w.size()));
  if (share > warn_clipped) {
    warnings.push_back(what + ": " + std::to_string(outside) + " of " + std::to_string(weights.w.size()) +
                       " weights lie outside the narrow range of +-" + std::to_string(q) + " codes and are clipped");
  }
  return m;
}

model::IntegerModel build_integer_model(const model::FloatModel& model, const model::QuantScales& scales,
                                        const BuildOptions& options, std::vector<std::string>& warnings) {
  const model::ModelConfig& c = model.config;
  model::IntegerModel out;
  out.config = c;
  out.widths = options.widths;
  out.weight_bits = options.weight_bits;
  out.norm_eps = static_cast<std::uint64_t>(std::llround(c.hidden_size * c.rms_norm_eps * 4294967296.0));
  out.rope_step = rope_steps(c);
  const model::TensorNames names(c);
  const bool gpt2 = c.gpt2();
  const auto table = [&](const model::FloatMatrix& w, double scale, const std::string& what) {
    return make_matrix(w, scale, 8, what, options.warn_clipped, warnings);
  };
  const auto linear = [&](const model::FloatMatrix& w, double scale, double input_scale, const std::string& what) {
    model::IntMatrix m = make_matrix(w, scale, options.weight_bits, what, options.warn_clipped, warnings);
    m.bias = make_bias(w.bias, input_scale * scale, what);
    return m;
  };
  const auto norm = [&](const std::vector<float>& gamma, const std::vector<float>& beta, double scale,
                        const std::string& what) {
    return gpt2 ? make_layer_norm(gamma, beta, scale, what, warnings) : make_norm(gamma, scale, what);
  };
  out.embedding = table(model.embedding, scales.embedding, names.embedding);
  out.embed_residual = make_requant(scales.embedding * kResidualOne, names.embedding);
  if (gpt2) {
    out.positions = table(model.positions, scales.positions, names.positions);
    out.position_residual = make_requant(scales.positions * kResidualOne, names.positions);
    out.mean = make_requant(1.0 / c.hidden_size, "1 / hidden_size");
  }
  if (!c.tied) out.lm_head = table(model.lm_head, scales.lm_head, names.head);
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const model::FloatLayer& f = model.layers[i];
    const model::LayerScales& s = scales.layers[i];
    const model::LayerNames n = names.layer(i);
    const double one = std::ldexp(1.0, s.gate_up_frac);  // of gate and up
    model::IntLayer l;
    l.input_norm = norm(f.input_norm, f.input_beta, s.in, n.input_norm);
    l.mlp_norm = norm(f.mlp_norm, f.mlp_beta, s.gu, n.mlp_norm);
    l.q = linear(f.q, s.wq, s.in, n.q);
    l.k = linear(f.k, s.wk, s.in, n.k);
    l.v = linear(f.v, s.wv, s.in, n.v);
    l.o = linear(f.o, s.wo, s.o, n.o);
    if (!gpt2) {
      l.gate = linear(f.gate, s.wgate, s.gu, n.gate);
      l.gate_fixed = make_requant(s.gu * s.wgate * one, n.gate);
    }
    l.up = linear(f.up, s.wup, s.gu, n.up);
    l.down = linear(f.down, s.wdown, s.d, n.down);
    l.q_rope = make_requant(s.in * s.wq / s.q * 128.0, n.q);
    l.k_rope = make_requant(s.in * s.wk / s.k * 128.0, n.k);
    l.score = make_requant(s.q * s.k / std::sqrt(static_cast<double>(c.head_dim)) * kLog2E * 4096.0, n.attention + ".score");
    l.v_code = make_requant(s.in * s.wv / s.v, n.v);
    l.o_in = make_requant(s.v / 256.0 / s.o, n.o + " input");
    l.o_residual = make_requant(s.o * s.wo * kResidualOne, n.o);
    l.up_fixed = make_requant(s.gu * s.wup * one, n.up);
    l.gate_up_frac = s.gate_up_frac;
    l.down_in = make_requant((gpt2 ? 1.0 / one : 1.0 / (one * one)) / s.d, n.down + " input");
    l.down_residual = make_requant(s.d * s.wdown * kResidualOne, n.down);
    out.layers.push_back(std::move(l));
  }
  out.final_norm = norm(model.final_norm, model.final_beta, scales.head_input, names.final_norm);
  out.logit_scale = scales.head_input * out.head().scale;
  model::check_integer_model(out, "quantised model");
  return out;
}

}  // namespace squat::quantize
