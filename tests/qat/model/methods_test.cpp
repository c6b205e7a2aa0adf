// SPDX-License-Identifier: Apache-2.0
// The quantisers of the methods Squat is compared with.
#include "qat/quant/methods.hpp"

#include <cmath>
#include <random>

#include "qat/model/factory.hpp"
#include "qat/quant/clipping.hpp"
#include "qat/quant/noise.hpp"
#include "tests/catch.hpp"
#include "tests/qat/model/small_models.hpp"

namespace squat {
namespace {

std::vector<double> uniform_values(std::size_t count, double range, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<double> values(count);
  for (double& v : values) v = range * (2.0 * static_cast<double>(random()) / 4294967296.0 - 1.0);
  return values;
}

constexpr qat::Grid<double> kGrid{0.25, 0, -7, 7};  // -1.75 .. 1.75

}  // namespace

TEST_CASE("noise inside the range is uniform over one step, clipped values stay") {
  const int n = 20000;
  const std::vector<double> x = uniform_values(n, 2.0, 1);
  std::vector<double> y(x.size()), other(x.size());
  qat::noise_round(x.data(), n, 1, n, kGrid, 5u, y.data(), n);
  qat::noise_round(x.data(), n, 1, n, kGrid, 6u, other.data(), n);
  double sum = 0, squares = 0, product = 0;
  int inside = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::fabs(x[i]) > 1.75) {
      CHECK(y[i] == std::copysign(1.75, x[i]));
      continue;
    }
    const double step = (y[i] - x[i]) / 0.25;
    CHECK(std::fabs(step) <= 0.5 + 1e-12);
    sum += step;
    squares += step * step;
    product += step * (other[i] - x[i]) / 0.25;
    ++inside;
  }
  // Standard errors: 0.0022 of the mean, 0.0006 of the others.
  CHECK(sum / inside == Approx(0.0).margin(0.01));
  CHECK(squares / inside == Approx(1.0 / 12).margin(0.003));
  CHECK(product / inside == Approx(0.0).margin(0.003));
}

TEST_CASE("the way back sees the noise of the way forward") {
  const int rows = 3, cols = 50;
  std::vector<double> x = uniform_values(rows * cols, 2.5, 2);
  const std::vector<double> start = x, gy = uniform_values(rows * cols, 1.0, 3);
  std::vector<double> y(x.size()), gx(x.size());
  qat::noise_round(x.data(), cols, rows, cols, kGrid, 9u, y.data(), cols);
  qat::GridSums sums;
  qat::noise_round_back(x.data(), cols, gy.data(), cols, rows, cols, kGrid, 9u, gx.data(), cols, true, &sums);
  double expected = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool inside = std::fabs(start[i]) <= 1.75;
    CHECK(x[i] == y[i]);
    CHECK(gx[i] == (inside ? gy[i] : 0.0));
    expected += gy[i] * (inside ? (y[i] - start[i]) / 0.25 : y[i] / 0.25);
  }
  CHECK(sums.scale == Approx(expected).epsilon(1e-9));
}

TEST_CASE("clipping values learn as clip(x, -A, A) does") {
  const int n = 400;
  const std::vector<double> x = uniform_values(n, 2.5, 4), gy = uniform_values(n, 1.0, 5);
  const auto clipped = [&](double scale) {  // loss of the unrounded clip, for finite differences
    double loss = 0;
    for (std::size_t i = 0; i < x.size(); ++i) loss += gy[i] * std::min(std::max(x[i], -7 * scale), 7 * scale);
    return loss;
  };
  std::vector<double> values = x, gx(x.size());
  qat::GridSums sums;
  qat::clipping_round_back(values.data(), n, gy.data(), n, 1, n, kGrid, gx.data(), n, true, &sums);
  CHECK(sums.scale == Approx((clipped(0.25 + 1e-6) - clipped(0.25 - 1e-6)) / 2e-6).epsilon(1e-6));
  for (std::size_t i = 0; i < x.size(); ++i) {
    CHECK(gx[i] == (std::fabs(x[i]) <= 1.75 ? gy[i] : 0.0));
    CHECK(values[i] == std::nearbyint(std::min(std::max(x[i] / 0.25, -7.0), 7.0)) * 0.25);
  }
}

TEST_CASE("every method trains what it should and exports") {
  model::WidthPolicy widths;
  widths.activations = model::Activations::k4;
  const model::ModelConfig config = test::small_llama();
  for (const std::string& name : qat::method_names()) {
    INFO(name);
    qat::QuantConfig quant = qat::deployment_quant(4, widths);
    const qat::Method& method = qat::find_method(name);
    qat::apply_method(method, quant);
    qat::Decoder<float> student(config, &quant);
    test::spread_weights(student.parameters(), 7);
    const qat::Batch batch = test::random_batch(2, 20, config.vocab_size, 8);
    student.start_scales(batch);
    const double before = student.forward_backward(batch, {}, nullptr, false).ce;
    const double training = student.forward_backward(batch, {}, nullptr, true).ce;
    CHECK((before != training) == (name == "nipq"));  // evaluation rounds, whatever training does
    qat::ParameterSet& parameters = student.parameters();
    const auto gradient = [&](const char* scale) {
      return *parameters.gradient(static_cast<std::size_t>(parameters.find(scale)));
    };
    const bool weights = name == "squat" || name == "lsq" || name == "nipq";
    CHECK((gradient("model.layers.0.self_attn.q_proj.alpha") != 0) == weights);
    const bool activations = weights || name == "pact";
    float sum = 0;  // one site of PACT may clip nothing
    for (const qat::ParameterInfo& info : parameters.infos()) {
      if (info.name.find("act_q") == std::string::npos) continue;
      sum += std::fabs(*parameters.gradient(static_cast<std::size_t>(parameters.find(info.name))));
      CHECK(info.decay == (name == "pact"));
    }
    if (name != "pact") CHECK((sum != 0) == activations);

    const auto gate = static_cast<std::size_t>(parameters.find("model.layers.1.mlp.gate_proj.weight"));
    parameters.value(gate)[3] = 9.0f;  // a weight that grew in the last step
    const double follows = qat::to_quant_scales(student).layers[1].wgate;
    if (method.weights_follow) CHECK(follows == Approx(9.0 / 7));
    if (!method.weights_follow) CHECK(follows < 0.5);
  }
}

TEST_CASE("clipped activations move the clipping values of PACT") {
  const model::ModelConfig config = test::small_llama();
  model::WidthPolicy widths;
  qat::QuantConfig quant = qat::deployment_quant(4, widths);
  qat::apply_method(qat::find_method("pact"), quant);
  qat::Decoder<float> student(config, &quant);
  test::spread_weights(student.parameters(), 7);
  const qat::Batch batch = test::random_batch(2, 20, config.vocab_size, 8);
  student.start_scales(batch);
  qat::ParameterSet& parameters = student.parameters();
  const auto alpha = static_cast<std::size_t>(parameters.find("model.layers.0.self_attn.act_q_0_input.alpha"));
  student.forward_backward(batch, {}, nullptr, true);
  CHECK(*parameters.gradient(alpha) == 0);  // the range covers the batch
  *parameters.value(alpha) *= 0.5f;
  student.forward_backward(batch, {}, nullptr, true);
  CHECK(*parameters.gradient(alpha) != 0);
}

}  // namespace squat
