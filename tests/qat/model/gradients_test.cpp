// SPDX-License-Identifier: Apache-2.0
// Hand-written gradients against finite differences in double precision, and independence of the number of threads.
#include <functional>

#include "host/model/error.hpp"
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

/// The message of the usage error that `action` ends in.
std::string usage_error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kUsage);
    return error.what();
  }
  return "nothing was refused";
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
  using Catch::Contains;
  const model::ModelConfig config = test::small_llama();
  Decoder<float> student(config, nullptr);
  const auto refused = [&](const Batch& batch) {
    return usage_error_of([&] { student.forward_backward(batch, {}, nullptr, false); });
  };
  const Batch good = test::random_batch(1, 4, config.vocab_size, 1);
  Batch batch = good;
  batch.tokens[2] = config.vocab_size;
  CHECK(refused(batch) == "token id 19: expected 0 to 18");
  batch.tokens.pop_back();
  CHECK(refused(batch) == "batch of 1 x 4 tokens: found 3 tokens and 0 targets");
  batch = good;
  batch.targets = {1, -1, 19, 2};
  CHECK(refused(batch) == "target id 19: expected up to 18");
  batch = good;
  batch.lengths = {5};
  CHECK_THAT(refused(batch), Contains("expected one from 1 to 4"));
  CHECK(refused(test::random_batch(1, 161, config.vocab_size, 1)) == "sequences of 161 tokens: the model has 160 positions");

  const qat::QuantConfig quant = qat::deployment_quant(4, {});
  Decoder<float> rounded(config, &quant);
  const auto step = [&] { rounded.forward_backward(good, {}, nullptr, false); };
  CHECK_THAT(usage_error_of(step), Contains("no scales yet"));
  rounded.start_scales(good);
  step();
  CHECK_THAT(usage_error_of([&] {
               rounded.set_widths({model::Activations::kMixed, hls::WidthRule::kSequence, 512, 0, {}});
             }),
             Contains("other activation bits"));
  // A learning rate that throws a scale over zero.
  const auto scale_of = [&](const char* name) {
    return rounded.parameters().value(static_cast<std::size_t>(rounded.parameters().find(name)));
  };
  for (const char* name : {"model.layers.0.self_attn.act_q_0_input.alpha", "model.layers.1.mlp.down_proj.alpha"}) {
    float& scale = *scale_of(name);
    const float kept = scale;
    scale = -0.5f;
    CHECK_THAT(usage_error_of(step), Contains(std::string(name) + ": expected a positive scale, found -0.5"));
    scale = kept;
  }
  step();
  model::ModelConfig odd = config;
  odd.kv_heads = 3;
  CHECK_THROWS_AS(Decoder<float>(odd, nullptr), Error);
}

TEST_CASE("a step refuses teachers that do not fit") {
  const model::ModelConfig config = test::small_llama();
  Decoder<float> student(config, nullptr);
  const Batch batch = test::random_batch(1, 4, config.vocab_size, 1);
  const auto outputs_of = [](const model::ModelConfig& c, const Batch& of) {
    qat::ModelOutputs outputs;
    Decoder<float>(c, nullptr).forward(of, {true, true}, outputs);
    return outputs;
  };
  const auto refused = [&](const qat::TeacherSignals& signals, const LossOptions& losses) {
    return usage_error_of([&] { student.forward_backward(batch, losses, &signals, false); });
  };
  const qat::ModelOutputs same = outputs_of(config, batch);
  CHECK(refused({{}, {}}, {}) == "teachers: expected at least one, and a weight for each or none");
  CHECK(refused({{&same}, {1.0, 2.0}}, {}) == "teachers: expected at least one, and a weight for each or none");
  const qat::ModelOutputs longer = outputs_of(config, test::random_batch(2, 4, config.vocab_size, 1));
  CHECK(refused({{&longer}, {}}, {}) == "teacher: its logits do not have this batch's shape or vocabulary");
  model::ModelConfig deeper = config;
  deeper.layers = 3;
  const qat::ModelOutputs more = outputs_of(deeper, batch);
  LossOptions losses;
  losses.distribution_weight = 0.5;
  CHECK(refused({{&more}, {}}, losses) ==
        "distribution loss: the first teacher must have the student's number of layers and heads");
}

}  // namespace squat
