// SPDX-License-Identifier: Apache-2.0
#include "host/model/integer_check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "hls/layer_norm.hpp"
#include "host/model/error.hpp"
#include "host/model/integer_tensors.hpp"

namespace squat::model {
namespace {

constexpr std::int64_t kAccumulator = 1 << 26;  // accumulators, bias included, stay below it in magnitude
constexpr std::int64_t kCode = 128;             // largest magnitude of an activation code

struct Magnitudes {
  int largest = 0;
  std::int64_t sum = 0;
};

/// In pieces whose sums fit 16 bits and without a way out, so that compilers vectorise them.
Magnitudes magnitudes(const std::int8_t* codes, int count) {
  constexpr int kPiece = 256;
  Magnitudes all;
  for (int first = 0; first < count; first += kPiece) {
    const int last = std::min(count, first + kPiece);
    std::uint8_t largest = 0;
    std::uint16_t sum = 0;
    for (int c = first; c < last; ++c) {
      const auto sign = static_cast<std::uint8_t>(codes[c] < 0 ? 255 : 0);
      const auto magnitude = static_cast<std::uint8_t>((static_cast<std::uint8_t>(codes[c]) ^ sign) - sign);  // of -128: 128
      largest = std::max(largest, magnitude);
      sum = static_cast<std::uint16_t>(sum + magnitude);
    }
    all.largest = std::max<int>(all.largest, largest);
    all.sum += sum;
  }
  return all;
}

class Checker {
 public:
  explicit Checker(const std::string& source) : source_(source) {}

  [[noreturn]] void fail(const std::string& name, const std::string& expected, const std::string& found) const {
    throw input_error(source_ + ": '" + name + "': expected " + expected + ", found " + found +
                      "; write the model directory again with squat quantize");
  }

  void range(const std::string& name, std::int64_t value, std::int64_t lo, std::int64_t hi) const {
    if (value < lo || value > hi) fail(name, std::to_string(lo) + " to " + std::to_string(hi), std::to_string(value));
  }

  void matrix(const std::string& name, const IntMatrix& m, const MatrixForm& form) const {
    const int rows = form.rows, cols = form.cols, bits = form.bits;
    const int q = (1 << (bits - 1)) - 1;
    if (m.rows != rows || m.cols != cols || m.bits != bits ||
        m.codes.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols)) {
      fail(name + ".qweight",
           std::to_string(rows) + " x " + std::to_string(cols) + " codes of " + std::to_string(bits) + " bits",
           std::to_string(m.rows) + " x " + std::to_string(m.cols) + " of " + std::to_string(m.bits) + " bits");
    }
    if (bits == 4 && cols % 2 != 0) fail(name + ".qweight", "an even number of columns for 4-bit codes", std::to_string(cols));
    real(name + ".scale", m.scale);
    const std::size_t biases = form.bias ? static_cast<std::size_t>(rows) : 0;
    if (m.bias.size() != biases) fail(name + ".bias", std::to_string(biases) + " biases", std::to_string(m.bias.size()));
    for (int r = 0; r < rows; ++r) {
      const std::int8_t* row = m.codes.data() + static_cast<std::ptrdiff_t>(r) * cols;
      const auto [largest, sum] = magnitudes(row, cols);
      if (largest > q) {
        const int c = static_cast<int>(std::find_if(row, row + cols, [q](int code) { return std::abs(code) > q; }) - row);
        fail(name + ".qweight", "codes from " + std::to_string(-q) + " to " + std::to_string(q),
             std::to_string(row[c]) + " in row " + std::to_string(r) + ", column " + std::to_string(c));
      }
      if (sum >= kAccumulator / kCode) {
        fail(name + ".qweight",
             "rows whose magnitudes sum to less than " + std::to_string(kAccumulator / kCode) + " (26-bit accumulators)",
             std::to_string(sum) + " in row " + std::to_string(r));
      }
      const std::int64_t bias = form.bias ? m.bias[static_cast<std::size_t>(r)] : 0;
      if (std::abs(bias) >= kAccumulator - kCode * sum) {
        fail(
            name + ".bias",
            "magnitudes below " + std::to_string(kAccumulator - kCode * sum) + " beside this row's codes (26-bit accumulators)",
            std::to_string(bias) + " in row " + std::to_string(r));
      }
    }
  }

  void norm(const std::string& name, const IntNorm& n, const NormForm& form) const {
    const auto size = static_cast<std::size_t>(form.size);
    if (n.gain.size() != size) fail(name + ".gain", std::to_string(size) + " gains", std::to_string(n.gain.size()));
    for (const std::int32_t g : n.gain) range(name + ".gain", g, -(1 << 17), (1 << 17) - 1);
    const std::size_t betas = form.beta ? size : 0;
    if (n.beta.size() != betas) fail(name + ".beta", std::to_string(betas) + " offsets", std::to_string(n.beta.size()));
    for (const std::int32_t b : n.beta) range(name + ".beta", b, -hls::kBetaMax, hls::kBetaMax);
    range(name + ".shift", n.shift, form.beta ? hls::kMinLayerNormShift : 1, 59);
  }

  void requant(const std::string& name, const hls::Requant& r) const {
    if (r.m != 0) range(name + " multiplier", r.m, 1 << 16, (1 << 17) - 1);
    range(name + " shift", r.s, 1, 46);
  }

  void integer(const std::string& name, int value, int lo, int hi) const { range(name, value, lo, hi); }
  void rope_step(const std::string& name, const std::vector<std::uint32_t>& steps, int size) const {
    range(name + " length", static_cast<std::int64_t>(steps.size()), size, size);
  }
  void norm_eps(const std::string& name, std::uint64_t value) const {
    if (value >= std::uint64_t{1} << 45) fail(name, "less than 2^45", std::to_string(value));
  }
  void real(const std::string& name, double value) const {
    if (!(value > 0) || !std::isfinite(value)) fail(name, "a positive finite scale", std::to_string(value));
  }

  /// What only one of the architectures has. Devices add positions and rotate without asking which one it is.
  void architecture(const IntegerModel& m) const {
    const ModelConfig& c = m.config;
    if (!c.gpt2()) {
      if (!m.positions.codes.empty()) fail("positions", "none in a LLaMA model", std::to_string(m.positions.rows) + " rows");
      return;
    }
    if (c.kv_heads != c.heads || c.q_size() != c.hidden_size) {
      fail("heads", "as many key as query heads, of hidden_size columns together",
           std::to_string(c.kv_heads) + " and " + std::to_string(c.heads) + " of " + std::to_string(c.head_dim) + " columns");
    }
    const bool rotates = std::any_of(m.rope_step.begin(), m.rope_step.end(), [](std::uint32_t s) { return s != 0; });
    if (rotates || m.rope_step.size() != static_cast<std::size_t>(c.head_dim / 2))
      fail("rope_step", std::to_string(c.head_dim / 2) + " zeros", "something else");
    for (const IntLayer& layer : m.layers) {
      if (!layer.gate.codes.empty()) fail("gate", "none in a GPT-2 model", std::to_string(layer.gate.rows) + " rows");
    }
    const double mean = std::ldexp(m.mean.m, -static_cast<int>(m.mean.s));
    if (std::fabs(mean * c.hidden_size - 1.0) > 0x1p-17) {
      fail(TensorNames(c).root + ".norm_mean", "1 / " + std::to_string(c.hidden_size) + " (hidden_size)",
           std::to_string(m.mean.m) + " * 2^-" + std::to_string(m.mean.s));
    }
  }

 private:
  const std::string& source_;
};

}  // namespace

void check_integer_model(const IntegerModel& model, const std::string& source) {
  const Checker check(source);
  const ModelConfig& c = model.config;
  check.range("hidden_size", c.hidden_size, 2, hls::kMaxNorm);
  if (model.weight_bits != 4 && model.weight_bits != 8) check.fail("weight_bits", "4 or 8", std::to_string(model.weight_bits));
  check.range("number of layers", static_cast<std::int64_t>(model.layers.size()), c.layers, c.layers);
  const WidthPolicy& w = model.widths;
  const bool mixed = w.activations == Activations::kMixed;
  check.range("number of thresholds", static_cast<std::int64_t>(w.thresholds.size()), mixed ? c.layers : 0,
              mixed ? c.layers : 0);
  if (mixed) {
    check.range("rho * 1024", w.rho_num, 0, hls::kRhoDen);
    check.range("rule", static_cast<int>(w.rule), static_cast<int>(hls::WidthRule::kSequence),
                static_cast<int>(hls::WidthRule::kReversed));
  }
  for_each_integer_tensor(model, check);
  check.architecture(model);
}

}  // namespace squat::model
