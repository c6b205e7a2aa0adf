// SPDX-License-Identifier: Apache-2.0
// The quantised LLaMA against the independent float reference of the deployment model.
#include "host/quantize/integer_builder.hpp"
#include "host/reference_float/float_reference.hpp"
#include "qat/model/factory.hpp"
#include "tests/catch.hpp"
#include "tests/qat/model/small_models.hpp"

namespace squat {
namespace {

using hls::WidthRule;
using model::Activations;

struct Policy {
  model::WidthPolicy widths;
  int weight_bits;
};

std::vector<Policy> policies() {
  const std::vector<std::uint32_t> thresholds = {40000, 30000};
  return {{{Activations::k8, WidthRule::kAll8, 0, 0, {}}, 8},
          {{Activations::k8, WidthRule::kAll8, 0, 0, {}}, 4},
          {{Activations::k4, WidthRule::kAll4, 0, 0, {}}, 4},
          {{Activations::kMixed, WidthRule::kSequence, 512, 0, {}}, 4},
          {{Activations::kMixed, WidthRule::kBudget, 256, 0, thresholds}, 4},
          {{Activations::kMixed, WidthRule::kRandom, 768, 5, {}}, 4}};
}

}  // namespace

TEST_CASE("a quantised LLaMA computes what the deployment's float reference computes") {
  const int length = 40;
  for (const bool tied : {true, false}) {
    const model::ModelConfig config = test::small_llama(2, tied);
    const qat::Batch batch = test::random_batch(3, length, config.vocab_size, 11);
    for (const Policy& policy : policies()) {
      const qat::QuantConfig quant = qat::deployment_quant(policy.weight_bits, policy.widths);
      qat::Decoder<float> student(config, &quant);
      test::spread_weights(student.parameters(), 3);
      student.start_scales(batch);
      qat::ModelOutputs outputs;
      student.forward(batch, {}, outputs);

      const model::QuantScales scales = qat::to_quant_scales(student);
      reference::FloatReference reference(qat::to_float_model(student), {scales, policy.weight_bits, policy.widths});
      std::size_t far = 0;
      for (int s = 0; s < batch.sequences; ++s) {
        const std::size_t from = static_cast<std::size_t>(s * length);
        const std::vector<float>& expected = reference.forward(batch.tokens.data() + from, length);
        for (std::size_t i = 0; i < expected.size(); ++i) {
          const float found = outputs.logits[from * static_cast<std::size_t>(config.vocab_size) + i];
          far += std::fabs(found - expected[i]) > 1e-3f * std::max(1.0f, std::fabs(expected[i]));
        }
      }
      // A value near a tie may fall to either side, which later layers carry on: few logits, not the model.
      INFO("tied " << tied << ", weights " << policy.weight_bits << ", activations "
                   << static_cast<int>(policy.widths.activations) << ", rule " << static_cast<int>(policy.widths.rule));
      CHECK(far * 20 < outputs.logits.size());
      const qat::BatchResult result = student.forward_backward(batch, {}, nullptr, false);
      CHECK(std::fabs(result.eight_bit_share - reference.eight_bit_share()) < 1e-9);
    }
  }
}

TEST_CASE("a trained model exports to integers") {
  model::ModelConfig config = test::small_llama(2, true);
  const qat::QuantConfig quant = qat::deployment_quant(4, {});
  qat::Decoder<float> student(config, &quant);
  student.parameters();
  qat::randomise(1, student.parameters());
  student.start_scales(test::random_batch(2, 20, config.vocab_size, 3));
  std::vector<std::string> warnings;
  quantize::BuildOptions options;
  options.weight_bits = 4;
  const model::IntegerModel integers =
      quantize::build_integer_model(qat::to_float_model(student), qat::to_quant_scales(student), options, warnings);
  CHECK(integers.layers.size() == 2);
  CHECK(warnings.empty());
}

TEST_CASE("uniform widths of 2 to 8 bits train, frozen scales stay") {
  const model::ModelConfig config = test::small_llama(2, true);
  const qat::Batch batch = test::random_batch(2, 12, config.vocab_size, 2);
  double last = 1e9;
  for (int bits = 2; bits <= 8; ++bits) {
    qat::QuantConfig quant = qat::deployment_quant(8, {});
    quant.activation_bits = bits;
    quant.learned_scales = false;
    qat::Decoder<float> student(config, &quant);
    test::spread_weights(student.parameters(), 3);
    student.start_scales(batch);
    CHECK(student.forward_backward(batch, {}, nullptr, true).finite);
    for (std::size_t i = 0; i < student.parameters().count(); ++i) {
      if (student.parameters().info(i).kind == qat::ParameterKind::kScale) CHECK(*student.parameters().gradient(i) == 0.0f);
    }
    last = std::min(last, student.forward_backward(batch, {}, nullptr, false).ce);
  }
  CHECK(last < 1e9);
}

TEST_CASE("a quantised GPT-2 trains") {
  const model::ModelConfig config = test::small_gpt2();
  const qat::Batch batch = test::random_batch(2, 12, config.vocab_size, 2);
  for (const Policy& policy : policies()) {
    const qat::QuantConfig quant = qat::deployment_quant(policy.weight_bits, policy.widths);
    qat::Decoder<float> student(config, &quant), plain(config, nullptr);
    qat::randomise(1, student.parameters());
    qat::randomise(1, plain.parameters());
    student.start_scales(batch);
    const qat::BatchResult result = student.forward_backward(batch, {}, nullptr, true);
    CHECK(std::fabs(result.ce - plain.forward_backward(batch, {}, nullptr, false).ce) < 0.1);
  }
}

}  // namespace squat
