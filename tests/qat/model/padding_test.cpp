// SPDX-License-Identifier: Apache-2.0
// Batches of sequences of different lengths: padding changes nothing, and the distillation of their targets.
#include <cmath>

#include "host/model/error.hpp"
#include "tests/catch.hpp"
#include "tests/qat/model/small_models.hpp"

namespace squat::qat {
namespace {

using hls::WidthRule;
using model::Activations;

const std::vector<std::int32_t> kLengths = {5, 12, 1, 9};

/// Random sequences of kLengths, padded to the longest, each with one target behind its end.
Batch padded() {
  Batch batch = test::random_batch(4, 12, 19, 21);
  batch.lengths = kLengths;
  batch.targets.assign(batch.tokens.size(), -1);
  for (std::size_t s = 0; s < kLengths.size(); ++s) {
    const std::size_t last = s * 12 + static_cast<std::size_t>(kLengths[s]) - 1;
    batch.targets[last] = static_cast<std::int32_t>(3 + s);
  }
  return batch;
}

/// One sequence of it, without padding.
Batch alone(const Batch& all, std::size_t s) {
  Batch one;
  one.sequences = 1;
  one.length = all.lengths[s];
  const auto from = static_cast<std::ptrdiff_t>(s) * all.length;
  one.tokens.assign(all.tokens.begin() + from, all.tokens.begin() + from + one.length);
  one.targets.assign(all.targets.begin() + from, all.targets.begin() + from + one.length);
  return one;
}

}  // namespace

TEST_CASE("a padded sequence has the logits and the widths that it has alone") {
  const model::ModelConfig config = test::small_llama();
  for (const model::WidthPolicy& widths : {model::WidthPolicy{Activations::k8, WidthRule::kAll8, 0, 0, {}},
                                           {Activations::k4, WidthRule::kAll4, 0, 0, {}},
                                           {Activations::kMixed, WidthRule::kSequence, 512, 0, {}},
                                           {Activations::kMixed, WidthRule::kBudget, 256, 0, {40000, 30000}}}) {
    const QuantConfig quant = deployment_quant(4, widths);
    Decoder<float> model(config, &quant);
    test::spread_weights(model.parameters(), 3);
    model.start_scales(test::random_batch(3, 12, 19, 5));
    const Batch batch = padded();
    ModelOutputs together, single;
    model.forward(batch, {}, together);
    INFO("activations " << static_cast<int>(widths.activations) << ", rule " << static_cast<int>(widths.rule));
    double eight = 0, decided = 0, ce = 0;
    for (std::size_t s = 0; s < kLengths.size(); ++s) {
      const Batch one = alone(batch, s);
      model.forward(one, {}, single);
      const float* rows = together.logits.data() + s * 12 * 19;
      CHECK(std::equal(single.logits.begin(), single.logits.end(), rows));
      const BatchResult result = model.forward_backward(one, {}, nullptr, false);
      eight += result.eight_bit_share * one.length;
      decided += one.length;
      ce += result.ce / 4;
    }
    const BatchResult result = model.forward_backward(batch, {}, nullptr, false);
    CHECK(result.targets == 4);
    CHECK(result.ce == Approx(ce));
    if (widths.activations == Activations::kMixed) CHECK(result.eight_bit_share == Approx(eight / decided));
  }
}

TEST_CASE("the gradient of a padded batch is the mean of its sequences'") {
  Decoder<double> model(test::small_llama(), nullptr);
  test::spread_weights(model.parameters(), 4);
  const Batch batch = padded();
  model.parameters().zero_gradients();
  model.forward_backward(batch, {}, nullptr, true);
  const std::vector<double> together(model.parameters().gradients(),
                                     model.parameters().gradients() + model.parameters().size());
  model.parameters().zero_gradients();
  LossOptions quarter;
  quarter.gradient_scale = 0.25;
  for (std::size_t s = 0; s < kLengths.size(); ++s) model.forward_backward(alone(batch, s), quarter, nullptr, true);
  for (std::size_t i = 0; i < together.size(); ++i)
    CHECK(together[i] == Approx(model.parameters().gradients()[i]).margin(1e-12));
}

TEST_CASE("distillation at the targets compares their rows only") {
  Decoder<double> model(test::small_llama(), nullptr), other(test::small_llama(), nullptr);
  test::spread_weights(model.parameters(), 4);
  test::spread_weights(other.parameters(), 8);
  const Batch batch = padded();
  BasicModelOutputs<double> teacher, student;
  other.forward(batch, {}, teacher);
  model.forward(batch, {}, student);
  LossOptions losses;
  losses.gamma = 0.3;
  losses.tau = 2;
  losses.kl_reduction = KlReduction::kTargetMean;
  BasicTeacherSignals<double> signals;
  signals.teachers = {&teacher};
  const BatchResult result = model.forward_backward(batch, losses, &signals, false);

  const auto probabilities = [&](const std::vector<double>& logits, std::size_t row) {
    std::vector<double> p(19);
    double sum = 0;
    for (std::size_t v = 0; v < 19; ++v) sum += p[v] = std::exp(logits[row * 19 + v] / losses.tau);
    for (double& x : p) x /= sum;
    return p;
  };
  double kl = 0;
  for (std::size_t row = 0; row < batch.targets.size(); ++row) {
    if (batch.targets[row] < 0) continue;
    const std::vector<double> wanted = probabilities(teacher.logits, row), found = probabilities(student.logits, row);
    for (std::size_t v = 0; v < 19; ++v) kl += wanted[v] * std::log(wanted[v] / found[v]) / 4;
  }
  CHECK(result.kl == Approx(4 * kl));
  CHECK(result.total == Approx(0.7 * result.ce + 0.3 * result.kl));

  model.parameters().zero_gradients();
  model.forward_backward(batch, losses, &signals, true);
  for (std::size_t i = 0; i < model.parameters().size(); i += 37) {
    double& x = model.parameters().values()[i];
    const double before = x, step = 1e-6;
    x = before + step;
    const double up = model.forward_backward(batch, losses, &signals, false).total;
    x = before - step;
    const double down = model.forward_backward(batch, losses, &signals, false).total;
    x = before;
    CHECK(model.parameters().gradients()[i] == Approx((up - down) / (2 * step)).margin(1e-7).epsilon(1e-5));
  }
}

TEST_CASE("impossible lengths are refused") {
  Decoder<float> model(test::small_llama(), nullptr);
  for (const std::vector<std::int32_t>& lengths : {std::vector<std::int32_t>{1, 2, 3}, {1, 2, 3, 0}, {1, 2, 3, 13}}) {
    Batch batch = padded();
    batch.lengths = lengths;
    CHECK_THROWS_AS(model.forward_backward(batch, {}, nullptr, false), Error);
  }
}

}  // namespace squat::qat
