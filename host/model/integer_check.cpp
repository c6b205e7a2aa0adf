// SPDX-License-Identifier: Apache-2.0
#include "host/model/integer_check.hpp"

#include <cmath>
#include <cstdlib>

#include "host/model/error.hpp"
#include "host/model/integer_tensors.hpp"

namespace squat::model {
namespace {

constexpr int kMaxHidden = 4096;                      // the norm unit's longest vector
constexpr std::int64_t kMaxRowSum = (1 << 26) / 128;  // |acc| <= 128 * sum |w| must stay below 2^26

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

  void scale(const std::string& name, double value) const {
    if (!(value > 0) || !std::isfinite(value)) fail(name, "a positive finite scale", std::to_string(value));
  }

  void matrix(const std::string& name, const IntMatrix& m, int rows, int cols, int bits) const {
    const int q = (1 << (bits - 1)) - 1;
    if (m.rows != rows || m.cols != cols || m.bits != bits ||
        m.codes.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols)) {
      fail(name + ".qweight",
           std::to_string(rows) + " x " + std::to_string(cols) + " codes of " + std::to_string(bits) + " bits",
           std::to_string(m.rows) + " x " + std::to_string(m.cols) + " of " + std::to_string(m.bits) + " bits");
    }
    if (bits == 4 && cols % 2 != 0) fail(name + ".qweight", "an even number of columns for 4-bit codes", std::to_string(cols));
    scale(name + ".scale", m.scale);
    for (int r = 0; r < rows; ++r) {
      const std::int8_t* row = m.codes.data() + static_cast<std::ptrdiff_t>(r) * cols;
      std::int64_t sum = 0;
      for (int c = 0; c < cols; ++c) {
        const int magnitude = std::abs(static_cast<int>(row[c]));
        if (magnitude > q) {
          fail(name + ".qweight", "codes from " + std::to_string(-q) + " to " + std::to_string(q),
               std::to_string(row[c]) + " in row " + std::to_string(r) + ", column " + std::to_string(c));
        }
        sum += magnitude;
      }
      if (sum >= kMaxRowSum) {
        fail(name + ".qweight",
             "rows whose magnitudes sum to less than " + std::to_string(kMaxRowSum) + " (26-bit accumulators)",
             std::to_string(sum) + " in row " + std::to_string(r));
      }
    }
  }

  void norm(const std::string& name, const IntNorm& n, int size) const {
    if (n.gain.size() != static_cast<std::size_t>(size))
      fail(name + ".gain", std::to_string(size) + " gains", std::to_string(n.gain.size()));
    for (const std::int32_t g : n.gain) range(name + ".gain", g, -(1 << 17), (1 << 17) - 1);
    range(name + ".shift", n.shift, 1, 59);
  }

  void requant(const std::string& name, const hls::Requant& r) const {
    if (r.m != 0) range(name + " multiplier", r.m, 1 << 16, (1 << 17) - 1);
    range(name + " shift", r.s, 1, 46);
  }

  void gate_up_frac(const std::string& name, int value) const { range(name, value, 6, 9); }
  void rope_step(const std::string& name, const std::vector<std::uint32_t>& steps, int size) const {
    range(name + " length", static_cast<std::int64_t>(steps.size()), size, size);
  }
  void norm_eps(const std::string& name, std::uint64_t value) const {
    if (value >= std::uint64_t{1} << 45) fail(name, "less than 2^45", std::to_string(value));
  }
  void logit_scale(const std::string& name, double value) const { scale(name, value); }

 private:
  const std::string& source_;
};

}  // namespace

void check_integer_model(const IntegerModel& model, const std::string& source) {
  const Checker check(source);
  const ModelConfig& c = model.config;
  check.range("hidden_size", c.hidden_size, 2, kMaxHidden);
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
}

}  // namespace squat::model
