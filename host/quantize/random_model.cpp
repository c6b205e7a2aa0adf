// SPDX-License-Identifier: Apache-2.0
#include "host/quantize/random_model.hpp"

#include <algorithm>
#include <cmath>

#include "host/model/error.hpp"
#include "host/model/integer_check.hpp"
#include "host/quantize/integer_builder.hpp"

namespace squat::quantize {
namespace {

using model::IntMatrix;
using model::IntNorm;

/// Least-squares 4-bit step of unit-variance data, and an eighth of it on the 8-bit grid.
constexpr double kUnitScale = 0.335 / 8;

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

/// `mean` + normal * `deviation`.
std::vector<float> random_values(Generator& gen, int count, double mean, double deviation) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& v : values) v = static_cast<float>(mean + gen.bell() * (deviation / kBellDeviation));
  return values;
}

/// Gains around 1, a few of them negative; LayerNorm has offsets too.
IntNorm random_norm(Generator& gen, const model::ModelConfig& c) {
  const std::vector<float> gamma = random_values(gen, c.hidden_size, 1.0, 0.4);
  if (!c.gpt2()) return make_norm(gamma, kUnitScale, "random norm");
  std::vector<std::string> warnings;  // offsets this small always fit
  return make_layer_norm(gamma, random_values(gen, c.hidden_size, 0.0, 0.2), kUnitScale, "random norm", warnings);
}

model::IntLayer random_layer(Generator& gen, const model::ModelConfig& c, int bits, int gate_up_frac) {
  model::IntLayer l;
  const double value_scale = kUnitScale;
  const double attention_scale = kUnitScale * 0.4;  // averages of values are smaller
  const double gated_scale = kUnitScale * 0.5;
  const double one = std::ldexp(1.0, gate_up_frac);
  const auto rescale = [](double factor) { return make_requant(factor, "random model"); };
  /// Sums of unit variance, and a bias that shows.
  const auto linear = [&](int rows, int cols, double input_scale) {
    IntMatrix m = random_matrix(gen, rows, cols, bits, 1.0 / std::sqrt(cols));
    if (c.gpt2()) m.bias = make_bias(random_values(gen, rows, 0.0, 0.3), input_scale * m.scale, "random model");
    return m;
  };
  l.input_norm = random_norm(gen, c);
  l.mlp_norm = random_norm(gen, c);
  l.q = linear(c.q_size(), c.hidden_size, kUnitScale);
  l.k = linear(c.kv_size(), c.hidden_size, kUnitScale);
  l.v = linear(c.kv_size(), c.hidden_size, kUnitScale);
  l.o = linear(c.hidden_size, c.q_size(), attention_scale);
  if (!c.gpt2()) {
    l.gate = linear(c.intermediate_size, c.hidden_size, kUnitScale);
    l.gate_fixed = rescale(kUnitScale * l.gate.scale * one);
  }
  l.up = linear(c.intermediate_size, c.hidden_size, kUnitScale);
  l.down = linear(c.hidden_size, c.intermediate_size, gated_scale);
  l.q_rope = rescale(kUnitScale * l.q.scale / kUnitScale * 128);
  l.k_rope = rescale(kUnitScale * l.k.scale / kUnitScale * 128);
  l.score = rescale(kUnitScale * kUnitScale / std::sqrt(c.head_dim) * std::log2(std::exp(1.0)) * 4096);
  l.v_code = rescale(kUnitScale * l.v.scale / value_scale);
  l.o_in = rescale(value_scale / 256 / attention_scale);
  l.o_residual = rescale(attention_scale * l.o.scale * 65536);
  l.gate_up_frac = gate_up_frac;
  l.up_fixed = rescale(kUnitScale * l.up.scale * one);
  l.down_in = rescale((c.gpt2() ? 1 / one : 1 / (one * one)) / gated_scale);
  l.down_residual = rescale(gated_scale * l.down.scale * 65536);
  return l;
}

}  // namespace

const std::vector<std::string>& shape_names() {
  static const std::vector<std::string> names = {"tiny", "llama-58m", "gpt2-97m"};
  return names;
}

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
  } else if (name == "gpt2-97m") {
    c.model_type = "gpt2";
    c.vocab_size = 16000;
    c.hidden_size = 768;
    c.intermediate_size = 3072;
    c.layers = 12;
    c.heads = c.kv_heads = 12;
    c.head_dim = 64;
    c.max_positions = 1024;
    c.rms_norm_eps = 1e-5;
    c.tied = true;
  } else {
    throw usage_error("unknown shape '" + name + "': expected llama-58m, gpt2-97m or tiny");
  }
  return c;
}

model::IntegerModel random_model(const model::ModelConfig& config, int weight_bits, model::WidthPolicy widths,
                                 std::uint32_t seed, int gate_up_frac) {
  Generator gen(seed);
  model::IntegerModel m;
  m.config = config;
  m.widths = std::move(widths);
  m.weight_bits = weight_bits;
  m.norm_eps = static_cast<std::uint64_t>(std::llround(config.hidden_size * config.rms_norm_eps * std::ldexp(1.0, 32)));
  m.rope_step = rope_steps(config);
  m.embedding = random_matrix(gen, config.vocab_size, config.hidden_size, 8, 1.0);
  if (!config.tied)
    m.lm_head = random_matrix(gen, config.vocab_size, config.hidden_size, 8, 1.0 / std::sqrt(config.hidden_size));
  m.embed_residual = make_requant(m.embedding.scale * 65536, "random model");
  if (config.gpt2()) {
    m.positions = random_matrix(gen, config.max_positions, config.hidden_size, 8, 0.5);
    m.position_residual = make_requant(m.positions.scale * 65536, "random model");
    m.mean = make_requant(1.0 / config.hidden_size, "random model");
  }
  for (int l = 0; l < config.layers; ++l) m.layers.push_back(random_layer(gen, config, weight_bits, gate_up_frac));
  m.final_norm = random_norm(gen, config);
  m.logit_scale = kUnitScale * m.head().scale;
  // Random attention is nearly even: score * (position + 1) lies around 1 per head.
  if (m.widths.activations == model::Activations::kMixed && m.widths.thresholds.empty()) {
    m.widths.thresholds.assign(m.layers.size(), static_cast<std::uint32_t>(config.heads) * 58000U);
  }
  model::check_integer_model(m, "random model");
  return m;
}

}  // namespace squat::quantize
