// SPDX-License-Identifier: Apache-2.0
// Hand-written gradients against finite differences in double precision, and independence of the number of threads.
#include <functional>

#include "qat/loss/loss_presets.hpp"
#include "tests/catch.hpp"
#include "tests/qat/model/small_models.hpp"

namespace squat {
namespace {

using qat::BasicModelOutputs;
using qat::BasicTeacherSignals;
using qat::Batch;
using qat::Decoder;
using qat::LossOptions;

/// Compares some elements of every parameter's gradient with central differences of the total loss.
void check_gradients(const model::ModelConfig& config, const LossOptions& losses, bool with_teachers, bool own_targets) {
  Decoder<double> student(config, nullptr);
  test::spread_weights(student.parameters(), 3);
  Batch batch = test::random_batch(2, 7, config.vocab_size, 5);
  if (own_targets) {
    batch.targets = test::random_batch(2, 7, config.vocab_size, 6).tokens;
    for (std::size_t i = 0; i < batch.targets.size(); i += 3) batch.targets[i] = -1;
  }
  Decoder<double> first(config, nullptr), second(config, nullptr);
  test::spread_weights(first.parameters(), 7);
  test::spread_weights(second.parameters(), 8);
  BasicModelOutputs<double> a, b;
  first.forward(batch, {true, true}, a);
  second.forward(batch, {}, b);
  const BasicTeacherSignals<double> signals{{&a, &b}, {1.0, 3.0}};
  const BasicTeacherSignals<double>* teachers = with_teachers ? &signals : nullptr;

  auto& parameters = student.parameters();
  const qat::BatchResult result = student.forward_backward(batch, losses, teachers, true);
  REQUIRE(result.finite);
  const std::vector<double> gradient(parameters.gradients(), parameters.gradients() + parameters.size());
  for (std::size_t i = 0; i < parameters.count(); ++i) {
    const qat::ParameterInfo& info = parameters.info(i);
    for (std::size_t j = 0; j < info.size; j += std::max<std::size_t>(1, info.size / 5)) {
      double& value = parameters.value(i)[j];
      const double kept = value, step = 1e-5;
      value = kept + step;
      const double up = student.forward_backward(batch, losses, teachers, false).total;
      value = kept - step;
      const double down = student.forward_backward(batch, losses, teachers, false).total;
      value = kept;
      const double expected = losses.gradient_scale * (up - down) / (2 * step), found = gradient[info.offset + j];
      INFO(info.name << "[" << j << "] " << found << " expected " << expected);
      CHECK(std::fabs(found - expected) < 1e-7 + 1e-5 * std::fabs(expected));
    }
  }
}

}  // namespace

TEST_CASE("gradients of LLaMA with grouped heads equal finite differences") {
  check_gradients(test::small_llama(2), {}, false, false);
  check_gradients(test::small_llama(1, true), {}, false, true);
}

TEST_CASE("gradients of GPT-2 equal finite differences") { check_gradients(test::small_gpt2(), {}, false, false); }

TEST_CASE("gradients of every loss equal finite differences") {
  LossOptions o;
  o.entropy_weight = 0.5;
  o.distribution_weight = 0.7;
  o.gradient_scale = 0.25;
  check_gradients(test::small_llama(2), o, true, false);
  o.teacher_mix = qat::TeacherMix::kMeanProbabilities;
  o.entropy_unbiased = true;
  o.distribution_form = qat::DistributionForm::kOneMinusCos;
  check_gradients(test::small_llama(4, true), o, true, true);
  check_gradients(test::small_gpt2(), qat::loss_preset("paper"), true, false);
  LossOptions published = qat::loss_preset("published");
  published.distribution_weight = 0.1;
  check_gradients(test::small_llama(2), published, true, false);
}

TEST_CASE("threads do not change a bit") {
  const model::ModelConfig config = test::small_llama(2, true);
  const Batch batch = test::random_batch(9, 130, config.vocab_size, 1);
  qat::QuantConfig quant = qat::deployment_quant(4, {model::Activations::kMixed, hls::WidthRule::kSequence, 512, 0, {}});
  std::vector<float> expected;
  for (const int threads : {1, 2, 3, 5}) {
    Decoder<float> student(config, &quant);
    test::spread_weights(student.parameters(), 3);
    student.set_threads(threads);
    student.start_scales(batch);
    LossOptions losses;
    losses.entropy_weight = 0.5;
    student.forward_backward(batch, losses, nullptr, true);
    student.forward_backward(batch, losses, nullptr, true);  // gradients add up
    const std::vector<float> found(student.parameters().gradients(),
                                   student.parameters().gradients() + student.parameters().size());
    if (threads == 1) expected = found;
    CHECK(found == expected);
  }
}

TEST_CASE("single precision follows double precision over more than one block of a map") {
  const model::ModelConfig config = test::small_llama(2);
  const Batch batch = test::random_batch(3, 150, config.vocab_size, 1);
  Decoder<float> narrow(config, nullptr);
  Decoder<double> wide(config, nullptr);
  test::spread_weights(narrow.parameters(), 3);
  test::spread_weights(wide.parameters(), 3);
  CHECK(std::fabs(narrow.forward_backward(batch, {}, nullptr, true).total -
                  wide.forward_backward(batch, {}, nullptr, true).total) < 1e-5);
  for (std::size_t i = 0; i < wide.parameters().count(); ++i) {
    double worst = 0, largest = 0;
    for (std::size_t j = 0; j < wide.parameters().info(i).size; ++j) {
      const double expected = wide.parameters().gradient(i)[j];
      worst = std::max(worst, std::fabs(static_cast<double>(narrow.parameters().gradient(i)[j]) - expected));
      largest = std::max(largest, std::fabs(expected));
    }
    INFO(wide.parameters().info(i).name);
    CHECK(worst < 2e-5 * largest);
  }
}

TEST_CASE("a step refuses what it cannot do") {
  const model::ModelConfig config = test::small_llama();
  Decoder<float> student(config, nullptr);
  Batch batch = test::random_batch(1, 4, config.vocab_size, 1);
  batch.tokens[2] = config.vocab_size;
  CHECK_THROWS(student.forward_backward(batch, {}, nullptr, false));
  batch.tokens.pop_back();
  CHECK_THROWS(student.forward_backward(batch, {}, nullptr, false));
  const qat::QuantConfig quant = qat::deployment_quant(4, {});
  Decoder<float> unstarted(config, &quant);
  batch = test::random_batch(1, 4, config.vocab_size, 1);
  CHECK_THROWS(unstarted.forward_backward(batch, {}, nullptr, false));
  model::ModelConfig odd = config;
  odd.kv_heads = 3;
  CHECK_THROWS(Decoder<float>(odd, nullptr));
  Decoder<float> teacher(test::small_llama(), nullptr);
  qat::ModelOutputs outputs;
  const Batch other = test::random_batch(2, 4, config.vocab_size, 1);
  teacher.forward(other, {}, outputs);
  const qat::TeacherSignals signals{{&outputs}, {}};
  CHECK_THROWS(student.forward_backward(batch, {}, &signals, false));
}

}  // namespace squat
