// SPDX-License-Identifier: Apache-2.0
#include "tests/support/random_model.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/oracle/ideal.hpp"

namespace squat::test {
namespace {

constexpr double kCode = 30.0;       ///< wanted standard deviation of 8-bit codes (4-bit: an eighth)
constexpr double kUnit = 65536.0;    ///< 1.0 on the residual stream
constexpr double kGateSpread = 2.0;  ///< wanted standard deviation of gate and up

hls::Requant factor(double value) {
  const auto f = oracle::factor_of(value);
  return {f.m, f.s};
}

/// Standard deviation of uniform codes -limit..limit.
double spread(int bits) {
  const double limit = bits == 4 ? 7.0 : 127.0;
  return std::sqrt(limit * (limit + 1.0) / 3.0);
}

class Builder {
 public:
  explicit Builder(const RandomModelSpec& spec) : spec_(spec), random_(spec.seed) {}

  model::IntMatrix matrix(int rows, int cols, int bits) {
    model::IntMatrix m;
    m.rows = rows;
    m.cols = cols;
    m.bits = bits;
    m.scale = 1.0 / (spread(bits) * std::sqrt(static_cast<double>(cols)));
    const int limit = bits == 4 ? 7 : 127;
    for (int i = 0; i < rows * cols; ++i) {
      m.codes.push_back(
          static_cast<std::int8_t>(static_cast<int>(random_() % static_cast<std::uint64_t>(2 * limit + 1)) - limit));
    }
    return m;
  }

  /// Gains around the one that gives codes of standard deviation kCode, a few of them negative.
  model::IntNorm norm() {
    std::normal_distribution<double> normal(1.0, 0.4);
    std::vector<double> wanted;
    double largest = 0.0;
    for (int i = 0; i < spec_.hidden; ++i) {
      wanted.push_back(normal(random_) * kCode * std::sqrt(static_cast<double>(spec_.hidden)));
      largest = std::max(largest, std::fabs(wanted.back()));
    }
    const int e = 17 - (static_cast<int>(std::floor(std::log2(largest))) + 1);
    model::IntNorm n;
    n.shift = 24 + e;
    for (const double g : wanted)
      n.gain.push_back(static_cast<std::int32_t>(std::clamp(std::ldexp(g, e), -131072.0, 131071.0)));
    return n;
  }

  /// Standard deviation of an accumulator over `cols` codes of standard deviation kCode.
  double acc(int cols) const { return std::sqrt(static_cast<double>(cols)) * kCode * spread(spec_.weight_bits); }

  model::IntLayer layer() {
    const RandomModelSpec& s = spec_;
    const int bits = s.weight_bits;
    model::IntLayer l;
    l.input_norm = norm();
    l.mlp_norm = norm();
    l.q = matrix(s.heads * s.head_dim, s.hidden, bits);
    l.k = matrix(s.kv_heads * s.head_dim, s.hidden, bits);
    l.v = matrix(s.kv_heads * s.head_dim, s.hidden, bits);
    l.o = matrix(s.hidden, s.heads * s.head_dim, bits);
    l.gate = matrix(s.intermediate, s.hidden, bits);
    l.up = matrix(s.intermediate, s.hidden, bits);
    l.down = matrix(s.hidden, s.intermediate, bits);
    l.q_rope = factor(kCode * 128 / acc(s.hidden));
    l.k_rope = factor(kCode * 128 / acc(s.hidden));
    l.score = factor(2.5 * 4096 / (std::sqrt(static_cast<double>(s.head_dim)) * kCode * kCode));
    l.v_code = factor(kCode / acc(s.hidden));
    l.o_in = factor(2.0 / 256);  // attention averages values: half their spread is left
    l.o_residual = factor(0.5 * kUnit / acc(s.heads * s.head_dim));
    const double grid = std::ldexp(1.0, s.gate_up_frac);
    l.gate_up_frac = s.gate_up_frac;
    l.gate_fixed = factor(kGateSpread * grid / acc(s.hidden));
    l.up_fixed = factor(kGateSpread * grid / acc(s.hidden));
    l.down_in = factor(kCode / (0.7 * kGateSpread * kGateSpread * grid * grid));
    l.down_residual = factor(0.5 * kUnit / acc(s.intermediate));
    return l;
  }

  std::uint32_t draw() { return static_cast<std::uint32_t>(random_()); }

 private:
  RandomModelSpec spec_;
  std::mt19937_64 random_;
};

model::ModelConfig config_of(const RandomModelSpec& spec) {
  model::ModelConfig c;
  c.vocab_size = spec.vocab;
  c.hidden_size = spec.hidden;
  c.intermediate_size = spec.intermediate;
  c.layers = spec.layers;
  c.heads = spec.heads;
  c.kv_heads = spec.kv_heads;
  c.head_dim = spec.head_dim;
  c.max_positions = spec.max_positions;
  c.tied = spec.tied;
  return c;
}

}  // namespace

model::IntegerModel random_model(const RandomModelSpec& spec) {
  Builder builder(spec);
  model::IntegerModel m;
  m.config = config_of(spec);
  m.weight_bits = spec.weight_bits;
  m.norm_eps = static_cast<std::uint64_t>(std::llround(spec.hidden * m.config.rms_norm_eps * std::ldexp(1.0, 32)));
  const double turn = 2.0 * std::acos(-1.0);
  for (int i = 0; i < spec.head_dim / 2; ++i) {
    const double turns = std::pow(m.config.rope_theta, -2.0 * i / spec.head_dim) / turn;
    m.rope_step.push_back(static_cast<std::uint32_t>(std::llround(std::ldexp(turns, 32))));
  }
  m.embedding = builder.matrix(spec.vocab, spec.hidden, 8);
  if (!spec.tied) m.lm_head = builder.matrix(spec.vocab, spec.hidden, 8);
  m.embed_residual = factor(kUnit / spread(8));
  for (int l = 0; l < spec.layers; ++l) m.layers.push_back(builder.layer());
  m.final_norm = builder.norm();
  m.logit_scale = 1.0 / (kCode * spread(8) * std::sqrt(static_cast<double>(spec.hidden)));
  m.widths.activations = spec.activations;
  m.widths.rule = spec.rule;
  m.widths.rho_num = spec.rho_num;
  m.widths.seed = builder.draw();
  // An average token has about 1 / (position + 1) of the attention in every head; the typical one somewhat less.
  for (int l = 0; l < spec.layers; ++l) m.widths.thresholds.push_back(static_cast<std::uint32_t>(spec.heads) * 40000U);
  return m;
}

}  // namespace squat::test
