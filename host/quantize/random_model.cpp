// SPDX-License-Identifier: Apache-2.0
#include "host/quantize/random_model.hpp"

#include <algorithm>
#include <cmath>

#include "host/model/error.hpp"
#include "host/quantize/integer_builder.hpp"

namespace squat::quantize {
namespace {

using model::IntMatrix;
using model::IntNorm;

/// Least-squares 4-bit step of unit-variance data, and an eighth of it on the 8-bit grid.
constexpr double kUnitScale = 0.335 / 8;
constexpr double kPi = 3.14159265358979323846;

/// splitmix64 (public domain, Sebastiano Vigna): the same numbers with every standard library.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  /// Sum of eight 8-bit uniforms around 0: bell-shaped, standard deviation about 209.
  int bell() {
    std::uint64_t bits = next();
    int sum = -1020;
    for (int i = 0; i < 8; ++i, bits >>= 8) sum += static_cast<int>(bits & 255U);
    return sum;
  }

 private:
  std::uint64_t state_;
};

constexpr double kBellDeviation = 209.0;

/// Real weights of standard deviation `deviation`.
IntMatrix random_matrix(Generator& gen, int rows, int cols, int bits, double deviation) {
  IntMatrix m;
  m.rows = rows;
  m.cols = cols;
  m.bits = bits;
  const int limit = bits == 4 ? 7 : 127;
  const double code_deviation = bits == 4 ? 2.6 : 36.0;
  m.scale = deviation / code_deviation;
  m.codes.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
  const int factor = static_cast<int>(std::lround(code_deviation / kBellDeviation * 65536));
  for (std::int8_t& code : m.codes) {
    code = static_cast<std::int8_t>(std::clamp((gen.bell() * factor + 32768) >> 16, -limit, limit));
  }
  return m;
}

IntNorm random_norm(Generator& gen, int hidden, double scale) {
  std::vector<float> gamma(static_cast<std::size_t>(hidden));
  for (float& g : gamma) g = 1.0F + static_cast<float>(gen.bell()) * 0.0005F;
  return make_norm(gamma, scale, "random norm");
}

model::IntLayer random_layer(Generator& gen, const model::ModelConfig& c, int bits) {
  model::IntLayer l;
  const double by_hidden = 1.0 / std::sqrt(c.hidden_size);
  const double value_scale = kUnitScale;
  const double attention_scale = kUnitScale * 0.4;  // averages of values are smaller
  const double gated_scale = kUnitScale * 0.5;
  l.input_norm = random_norm(gen, c.hidden_size, kUnitScale);
  l.mlp_norm = random_norm(gen, c.hidden_size, kUnitScale);
  l.q = random_matrix(gen, c.q_size(), c.hidden_size, bits, by_hidden);
  l.k = random_matrix(gen, c.kv_size(), c.hidden_size, bits, by_hidden);
  l.v = random_matrix(gen, c.kv_size(), c.hidden_size, bits, by_hidden);
  l.o = random_matrix(gen, c.hidden_size, c.q_size(), bits, 1.0 / std::sqrt(c.q_size()));
  l.gate = random_matrix(gen, c.intermediate_size, c.hidden_size, bits, by_hidden);
  l.up = random_matrix(gen, c.intermediate_size, c.hidden_size, bits, by_hidden);
  l.down = random_matrix(gen, c.hidden_size, c.intermediate_size, bits, 1.0 / std::sqrt(c.intermediate_size));
  const auto rescale = [](double factor) { return make_requant(factor, "random model"); };
  l.q_rope = rescale(kUnitScale * l.q.scale / kUnitScale * 128);
  l.k_rope = rescale(kUnitScale * l.k.scale / kUnitScale * 128);
  l.score = rescale(kUnitScale * kUnitScale / std::sqrt(c.head_dim) * std::log2(std::exp(1.0)) * 4096);
  l.v_code = rescale(kUnitScale * l.v.scale / value_scale);
  l.o_in = rescale(value_scale / 256 / attention_scale);
  l.o_residual = rescale(attention_scale * l.o.scale * 65536);
  l.gate_up_frac = 9;
  l.gate_fixed = rescale(kUnitScale * l.gate.scale * 512);
  l.up_fixed = rescale(kUnitScale * l.up.scale * 512);
  l.down_in = rescale(std::ldexp(1.0, -18) / gated_scale);
  l.down_residual = rescale(gated_scale * l.down.scale * 65536);
  return l;
}

}  // namespace

model::ModelConfig shape_config(const std::string& name) {
  model::ModelConfig c;
  c.rms_norm_eps = 1e-6;
  c.rope_theta = 10000.0;
  if (name == "llama-58m") {
    c.vocab_size = 16000;
    c.hidden_size = 512;
    c.intermediate_size = 1024;
    c.layers = 16;
    c.heads = c.kv_heads = 8;
    c.head_dim = 64;
    c.max_positions = 1024;
  } else if (name == "tiny") {
    c.vocab_size = 2048;
    c.hidden_size = 128;
    c.intermediate_size = 384;
    c.layers = 4;
    c.heads = c.kv_heads = 4;
    c.head_dim = 32;
    c.max_positions = 256;
    c.tied = true;
  } else {
    throw usage_error("unknown shape '" + name + "': expected llama-58m or tiny");
  }
  return c;
}

model::IntegerModel random_model(const model::ModelConfig& config, int weight_bits, model::WidthPolicy widths,
                                 std::uint32_t seed) {
  Generator gen(seed);
  model::IntegerModel m;
  m.config = config;
  m.widths = std::move(widths);
  m.weight_bits = weight_bits;
  m.norm_eps = static_cast<std::uint64_t>(std::llround(config.hidden_size * config.rms_norm_eps * std::ldexp(1.0, 32)));
  for (int i = 0; i < config.head_dim / 2; ++i) {
    const double turns = std::pow(config.rope_theta, -2.0 * i / config.head_dim) / (2 * kPi);
    m.rope_step.push_back(static_cast<std::uint32_t>(std::llround(turns * std::ldexp(1.0, 32))));
  }
  m.embedding = random_matrix(gen, config.vocab_size, config.hidden_size, 8, 1.0);
  if (!config.tied)
    m.lm_head = random_matrix(gen, config.vocab_size, config.hidden_size, 8, 1.0 / std::sqrt(config.hidden_size));
  m.embed_residual = make_requant(m.embedding.scale * 65536, "random model");
  for (int l = 0; l < config.layers; ++l) m.layers.push_back(random_layer(gen, config, weight_bits));
  m.final_norm = random_norm(gen, config.hidden_size, kUnitScale);
  m.logit_scale = kUnitScale * m.head().scale;
  // Random attention is nearly even: score * (position + 1) lies around 1 per head.
  if (m.widths.thresholds.empty()) {
    m.widths.thresholds.assign(m.layers.size(), static_cast<std::uint32_t>(config.heads) * 58000U);
  }
  return m;
}

}  // namespace squat::quantize
