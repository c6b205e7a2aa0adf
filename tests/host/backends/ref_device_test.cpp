// SPDX-License-Identifier: Apache-2.0
// The reference pass, tensor by tensor: each must follow from the ones before it by the oracles. A wrong width, head or operand
// shows here even if two devices share the mistake.
#include "host/backends/ref/ref_device.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "host/model/error.hpp"
#include "tests/catch.hpp"
#include "tests/host/backends/tensors.hpp"
#include "tests/oracle/exact.hpp"
#include "tests/oracle/ideal.hpp"
#include "tests/support/random_model.hpp"

using namespace squat;
using test::Tensor;
using test::Tensors;

namespace {

constexpr std::int64_t kNoLimit = std::int64_t{1} << 31;

double real(hls::Requant r) { return std::ldexp(r.m, -static_cast<int>(r.s)); }

std::vector<std::int64_t> product(const model::IntMatrix& w, const Tensor& codes) {
  auto sums = oracle::gemm({w.codes.begin(), w.codes.end()}, w.rows, w.cols, {codes.begin(), codes.end()},
                           static_cast<int>(codes.size()) / w.cols);
  if (w.bias.empty()) return sums;
  REQUIRE(w.bias.size() == static_cast<std::size_t>(w.rows));
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += w.bias[i % w.bias.size()];
  return sums;
}

/// Follows one model through its passes.
class Follower {
 public:
  explicit Follower(const model::IntegerModel& m) : m_(m), device_(m), keys_(m.layers.size()), values_(m.layers.size()) {}

  void pass(const std::vector<int>& ids) {
    first_ = device_.position();
    tokens_ = ids.size();
    engine::PassResult result;
    t_ = test::tapped_run(device_, ids, engine::RowRange::kAll, result);
    Tensor residual = embedded(ids);
    Tensor widths(tokens_, m_.widths.activations == model::Activations::k4 ? 0 : 1);
    for (int l = 0; l < m_.config.layers; ++l) {
      INFO("layer " << l << ", first position " << first_);
      layer(l, residual, widths);
      residual = at(l, "residual_out");
      widths = at(l, "widths");
      CHECK(result.eight_tokens_per_layer[static_cast<std::size_t>(l)] ==
            static_cast<std::uint32_t>(std::count(widths.begin(), widths.end(), 1)));
    }
    check_norm(m_.config.layers, "final_code", residual, m_.final_norm, Tensor(tokens_, 1));
    const auto logits = product(m_.head(), at(m_.config.layers, "final_code"));
    CHECK(std::vector<std::int64_t>(result.logits.begin(), result.logits.end()) == logits);
    CHECK(at(m_.config.layers, "logits") == result.logits);
  }

 private:
  /// Rows of the embedding table, and of the position table in GPT-2.
  Tensor embedded(const std::vector<int>& ids) const {
    const int hidden = m_.config.hidden_size;
    const auto row = [&](const model::IntMatrix& table, hls::Requant r, int index, int i) {
      return oracle::requantize(table.codes[static_cast<std::size_t>(index * hidden + i)], r.m, static_cast<int>(r.s),
                                -kNoLimit, kNoLimit);
    };
    Tensor residual;
    for (int t = 0; t < static_cast<int>(ids.size()); ++t) {
      for (int i = 0; i < hidden; ++i) {
        std::int64_t sum = row(m_.embedding, m_.embed_residual, ids[static_cast<std::size_t>(t)], i);
        if (m_.config.gpt2()) sum += row(m_.positions, m_.position_residual, first_ + t, i);
        residual.push_back(static_cast<std::int32_t>(sum));
      }
    }
    return residual;
  }

  const Tensor& at(int layer, const char* name) const { return t_.at({layer, name}); }

  void layer(int l, const Tensor& residual, const Tensor& before) {
    const model::IntLayer& w = m_.layers[static_cast<std::size_t>(l)];
    check_norm(l, "input_code", residual, w.input_norm, before);
    check_rope(l, "q", product(w.q, at(l, "input_code")), w.q_rope, before);
    check_rope(l, "k", product(w.k, at(l, "input_code")), w.k_rope, before);
    Tensor& keys = keys_[static_cast<std::size_t>(l)];
    keys.insert(keys.end(), at(l, "k").begin(), at(l, "k").end());
    check_attention(l, w);
    const Tensor& own = at(l, "widths");
    check_codes(l, "v", product(w.v, at(l, "input_code")), w.v_code, own, -127);
    Tensor& values = values_[static_cast<std::size_t>(l)];
    values.insert(values.end(), at(l, "v").begin(), at(l, "v").end());
    check_codes(l, "attn_code", weighted(l), w.o_in, own, -128);
    check_sum(l, "residual_mid", residual, product(w.o, at(l, "attn_code")), w.o_residual);
    check_norm(l, "mlp_code", at(l, "residual_mid"), w.mlp_norm, own);
    check_activation(l, w, own);
    check_sum(l, "residual_out", at(l, "residual_mid"), product(w.down, at(l, "gated")), w.down_residual);
  }

  /// A code with its ideal value on the 8-bit grid: 4-bit codes are multiples of 8 in -64..56.
  static void add(oracle::UnitError& error, std::int32_t code, double ideal, bool eight, double low8) {
    if (eight) {
      error.add(code, std::clamp(ideal, low8, 127.0));
    } else {
      REQUIRE(code % 8 == 0);
      error.add(code / 8, std::clamp(ideal / 8, -8.0, 7.0));
    }
  }

  void check_norm(int l, const char* name, const Tensor& residual, const model::IntNorm& norm, const Tensor& widths) {
    const std::size_t hidden = norm.gain.size();
    std::vector<double> gamma, beta;
    for (const auto b : norm.beta) beta.push_back(std::ldexp(b, -8));
    for (const auto g : norm.gain) gamma.push_back(std::ldexp(g, 24 - norm.shift) / std::sqrt(static_cast<double>(hidden)));
    oracle::UnitError error;
    for (std::size_t t = 0; t < tokens_; ++t) {
      std::vector<double> x;
      for (std::size_t i = 0; i < hidden; ++i) x.push_back(std::ldexp(residual[t * hidden + i], -16));
      const auto ideal = m_.config.gpt2() ? oracle::layer_norm(x, m_.config.rms_norm_eps, gamma, beta)
                                          : oracle::rms_norm(x, m_.config.rms_norm_eps, gamma);
      for (std::size_t i = 0; i < hidden; ++i) add(error, at(l, name)[t * hidden + i], ideal[i], widths[t] != 0, -128);
    }
    INFO(name);
    CHECK(error.within_criterion());
  }

  void check_rope(int l, const char* name, const std::vector<std::int64_t>& acc, hls::Requant r, const Tensor& widths) {
    const std::size_t dim = static_cast<std::size_t>(m_.config.head_dim), half = dim / 2;
    oracle::UnitError error;
    for (std::size_t row = 0; row < acc.size() / dim; ++row) {
      const std::size_t t = row / (acc.size() / dim / tokens_);
      for (std::size_t i = 0; i < half; ++i) {
        const double speed = std::pow(m_.config.rope_theta, -2.0 * static_cast<double>(i) / static_cast<double>(dim));
        const double angle = m_.config.gpt2() ? 0.0 : static_cast<double>(static_cast<std::size_t>(first_) + t) * speed;
        const double a = static_cast<double>(acc[row * dim + i]) * real(r) / 128;
        const double b = static_cast<double>(acc[row * dim + i + half]) * real(r) / 128;
        add(error, at(l, name)[row * dim + i], a * std::cos(angle) - b * std::sin(angle), widths[t] != 0, -127);
        add(error, at(l, name)[row * dim + i + half], b * std::cos(angle) + a * std::sin(angle), widths[t] != 0, -127);
      }
    }
    INFO(name);
    CHECK(error.within_criterion());
  }

  void check_attention(int l, const model::IntLayer& w) {
    const std::size_t heads = static_cast<std::size_t>(m_.config.heads), dim = static_cast<std::size_t>(m_.config.head_dim);
    const std::size_t context = static_cast<std::size_t>(first_) + tokens_;
    const Tensor& keys = keys_[static_cast<std::size_t>(l)];
    oracle::UnitError error;
    bool exact = true;
    for (std::size_t h = 0; h < heads; ++h) {
      const std::size_t kv = h * static_cast<std::size_t>(m_.config.kv_heads) / heads;
      for (std::size_t t = 0; t < tokens_; ++t) {
        std::vector<double> logits;
        for (std::size_t j = 0; j < context; ++j) {
          std::int64_t sum = 0;
          for (std::size_t i = 0; i < dim; ++i) {
            sum += std::int64_t{at(l, "q")[(t * heads + h) * dim + i]} *
                   keys[(j * static_cast<std::size_t>(m_.config.kv_heads) + kv) * dim + i];
          }
          const bool visible = j <= static_cast<std::size_t>(first_) + t;
          exact = exact && at(l, "scores")[(h * tokens_ + t) * context + j] == (visible ? sum : 0);
          if (visible) logits.push_back(static_cast<double>(sum) * real(w.score) / 4096 * std::log(2.0));
        }
        const auto ideal = oracle::softmax(logits);
        for (std::size_t j = 0; j < context; ++j) {
          error.add(at(l, "prob")[(h * tokens_ + t) * context + j], j < ideal.size() ? std::min(255.0, 256 * ideal[j]) : 0.0);
        }
      }
    }
    CHECK(exact);
    CHECK(error.within_criterion());
  }

  std::vector<std::int64_t> weighted(int l) const {
    const std::size_t heads = static_cast<std::size_t>(m_.config.heads), dim = static_cast<std::size_t>(m_.config.head_dim);
    const std::size_t kv_heads = static_cast<std::size_t>(m_.config.kv_heads);
    const std::size_t context = static_cast<std::size_t>(first_) + tokens_;
    std::vector<std::int64_t> out;
    for (std::size_t t = 0; t < tokens_; ++t) {
      for (std::size_t h = 0; h < heads; ++h) {
        for (std::size_t i = 0; i < dim; ++i) {
          std::int64_t sum = 0;
          for (std::size_t j = 0; j < context; ++j) {
            sum += std::int64_t{at(l, "prob")[(h * tokens_ + t) * context + j]} *
                   values_[static_cast<std::size_t>(l)][(j * kv_heads + h * kv_heads / heads) * dim + i];
          }
          out.push_back(sum);
        }
      }
    }
    return out;
  }

  void check_codes(int l, const char* name, const std::vector<std::int64_t>& acc, hls::Requant r, const Tensor& widths,
                   int low8) {
    Tensor expected;
    for (std::size_t i = 0; i < acc.size(); ++i) {
      const bool eight = widths[i / (acc.size() / tokens_)] != 0;
      expected.push_back(static_cast<std::int32_t>(oracle::requantize_code(acc[i], r.m, static_cast<int>(r.s), eight, low8)));
    }
    INFO(name);
    CHECK(at(l, name) == expected);
  }

  void check_sum(int l, const char* name, Tensor residual, const std::vector<std::int64_t>& acc, hls::Requant r) {
    for (std::size_t i = 0; i < acc.size(); ++i) {
      residual[i] += static_cast<std::int32_t>(oracle::requantize(acc[i], r.m, static_cast<int>(r.s), -kNoLimit, kNoLimit));
    }
    INFO(name);
    CHECK(at(l, name) == residual);
  }

  void check_activation(int l, const model::IntLayer& w, const Tensor& widths) {
    const bool gpt2 = m_.config.gpt2();
    const auto up = product(w.up, at(l, "mlp_code"));
    const auto gate = gpt2 ? up : product(w.gate, at(l, "mlp_code"));
    const double grid = std::ldexp(1.0, w.gate_up_frac);
    const double unit = gpt2 ? grid : grid * grid;  // of what is requantised to the code
    const auto fixed = [&](std::int64_t acc, hls::Requant r) {
      return std::clamp(static_cast<double>(acc) * real(r) / grid, -8192 / grid, 8191 / grid);
    };
    int far = 0;
    for (std::size_t i = 0; i < gate.size(); ++i) {
      const double g = fixed(gate[i], gpt2 ? w.up_fixed : w.gate_fixed), u = fixed(up[i], w.up_fixed);
      const double ideal = (gpt2 ? oracle::gelu_tanh(g) : oracle::sigmoid_linear(g) * u) * unit * real(w.down_in);
      const bool eight = widths[i / (gate.size() / tokens_)] != 0;
      const double step = eight ? 1.0 : 8.0;
      const double clamped = eight ? std::clamp(ideal, -128.0, 127.0) : std::clamp(ideal, -64.0, 56.0);
      // gate and up were rounded first: allow what one unit of each does to the result.
      const double slack = (gpt2 ? 1.7 : (std::fabs(g) + std::fabs(u) + 1) * 1.5 * grid) * real(w.down_in);
      far += std::fabs(at(l, "gated")[i] - clamped) > 0.51 * step + slack ? 1 : 0;
    }
    CHECK(far == 0);
  }

  const model::IntegerModel& m_;
  backends::RefDevice device_;
  std::vector<Tensor> keys_, values_;  ///< per layer, position order
  Tensors t_;
  int first_ = 0;
  std::size_t tokens_ = 0;
};

}  // namespace

TEST_CASE("every tensor of a reference pass follows from the ones before it", "[ref]") {
  for (const model::Activations activations : {model::Activations::k8, model::Activations::k4, model::Activations::kMixed}) {
    for (const int weight_bits : {4, 8}) {
      test::RandomModelSpec spec;
      spec.activations = activations;
      spec.weight_bits = weight_bits;
      spec.tied = weight_bits == 4;
      spec.gate_up_frac = weight_bits == 4 ? 9 : 7;
      const auto m = test::random_model(spec);
      Follower follower(m);
      follower.pass(test::make_ids(37, spec.vocab));
      follower.pass(test::make_ids(9, spec.vocab, 1));
      follower.pass(test::make_ids(1, spec.vocab, 2));
    }
  }
}

TEST_CASE("every tensor of a GPT-2 pass follows from the ones before it", "[ref][gpt2]") {
  for (const model::Activations activations : {model::Activations::k8, model::Activations::k4, model::Activations::kMixed}) {
    for (const int weight_bits : {4, 8}) {
      test::RandomModelSpec spec;
      spec.gpt2 = true;
      spec.activations = activations;
      spec.weight_bits = weight_bits;
      spec.heads = weight_bits == 4 ? 4 : 2;  // of 32 and 64 columns
      spec.gate_up_frac = weight_bits == 4 ? 9 : 7;
      const auto m = test::random_model(spec);
      for (const model::IntLayer& l : m.layers) {
        for (const model::IntMatrix* w : {&l.q, &l.k, &l.v, &l.o, &l.up, &l.down}) REQUIRE(!w->bias.empty());
      }
      Follower follower(m);
      follower.pass(test::make_ids(37, spec.vocab));
      follower.pass(test::make_ids(9, spec.vocab, 1));
      follower.pass(test::make_ids(1, spec.vocab, 2));
    }
  }
}

TEST_CASE("width shares of uniform and mixed passes", "[ref]") {
  test::RandomModelSpec spec;
  for (const hls::WidthRule rule : {hls::WidthRule::kSequence, hls::WidthRule::kRandom, hls::WidthRule::kReversed}) {
    spec.rule = rule;
    spec.rho_num = 256;
    const auto m = test::random_model(spec);
    backends::RefDevice device(m);
    const auto result = device.run(test::make_ids(100, spec.vocab), engine::RowRange::kLast);
    CHECK(result.rows == 1);
    CHECK(result.logits.size() == static_cast<std::size_t>(spec.vocab));
    for (const auto eight : result.eight_tokens_per_layer) CHECK(eight == 25);
  }
}

TEST_CASE("a reset device forgets", "[ref]") {
  const test::RandomModelSpec spec;
  const auto m = test::random_model(spec);
  backends::RefDevice device(m);
  const auto first = device.run(test::make_ids(20, spec.vocab), engine::RowRange::kAll);
  CHECK(device.position() == 20);
  device.run(test::make_ids(5, spec.vocab, 3), engine::RowRange::kLast);
  device.reset();
  CHECK(device.position() == 0);
  CHECK(device.run(test::make_ids(20, spec.vocab), engine::RowRange::kAll).logits == first.logits);
}

TEST_CASE("passes that no device runs are refused", "[ref]") {
  test::RandomModelSpec spec;
  spec.max_positions = 150;
  spec.rule = hls::WidthRule::kSequence;
  const auto m = test::random_model(spec);
  backends::RefDevice device(m);
  const auto refuses = [&](const std::vector<int>& ids, const std::string& text) {
    const int before = device.position();
    std::string message;
    try {
      device.run(ids, engine::RowRange::kLast);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
      message = error.what();
    }
    INFO(message);
    CHECK(message.find(text) != std::string::npos);
    CHECK(device.position() == before);
  };
  refuses({}, "1 to 128");
  refuses(test::make_ids(129, spec.vocab), "1 to 128");
  refuses({0, spec.vocab}, "token 1");
  refuses({-1}, "token 0");
  device.run(test::make_ids(100, spec.vocab), engine::RowRange::kLast);
  refuses(test::make_ids(51, spec.vocab), "150");
  refuses(test::make_ids(2, spec.vocab), "width rule");
  device.run({1}, engine::RowRange::kLast);  // decoding goes on by the budget controller
}
