// SPDX-License-Identifier: Apache-2.0
// Scales that come with a checkpoint.
#include "qat/quant/loaded_scales.hpp"

#include <cmath>

#include "host/model/error.hpp"
#include "qat/model/factory.hpp"
#include "tests/catch.hpp"
#include "tests/qat/model/small_models.hpp"

namespace squat {
namespace {

const std::string kAttention = "model.layers.1.self_attn.";

qat::QuantConfig quant_for(model::Activations activations) {
  model::WidthPolicy widths;
  widths.activations = activations;
  if (activations == model::Activations::kMixed) {
    widths.rule = hls::WidthRule::kSequence;
    widths.rho_num = 512;
  }
  return qat::deployment_quant(4, widths);
}

/// A small LLaMA whose checkpoint carries these scalars.
model::FloatModel with_scalars(std::map<std::string, float> scalars) {
  const auto made = qat::make_model<float>(test::small_llama(), 3, nullptr);
  test::spread_weights(made->parameters(), 5);
  model::FloatModel weights = qat::to_float_model(*made);
  weights.quantiser_scalars = std::move(scalars);
  return weights;
}

float start_of(const model::FloatModel& weights, model::Activations activations, const std::string& scale,
               std::vector<std::string>* notes = nullptr) {
  const qat::QuantConfig quant = quant_for(activations);
  const auto student = qat::make_model(weights, &quant, notes);
  student->start_scales(test::random_batch(2, 20, 19, 4));
  return *student->parameters().value(static_cast<std::size_t>(student->parameters().find(scale)));
}

}  // namespace

TEST_CASE("scales of a checkpoint are where training starts") {
  const std::string weight = kAttention + "q_proj.alpha", site = kAttention + "act_q_0_input.alpha";
  const model::FloatModel loaded = with_scalars({{weight, 0.125f}, {site, 0.5f}});
  const model::FloatModel plain = with_scalars({});
  CHECK(start_of(loaded, model::Activations::k8, weight) == 0.125f);
  CHECK(start_of(loaded, model::Activations::k8, site) == 0.5f);
  CHECK(start_of(loaded, model::Activations::k4, site) == 0.0625f);  // kept on the 8-bit grid
  CHECK(start_of(plain, model::Activations::k8, site) != 0.5f);
  const std::string other = kAttention + "k_proj.alpha";
  CHECK(start_of(loaded, model::Activations::k8, other) == start_of(plain, model::Activations::k8, other));
  std::vector<std::string> notes;
  CHECK(start_of(loaded, model::Activations::kMixed, site, &notes) == start_of(plain, model::Activations::kMixed, site));
  CHECK(notes.size() == 1);
}

TEST_CASE("what the devices cannot have is left out and named") {
  std::vector<std::string> notes;
  start_of(with_scalars({{kAttention + "act_q_0_input.alpha", 0.5f},
                         {kAttention + "act_q_0_input.zero_point", 1.6f},
                         {kAttention + "act_q_0_input.signed", 1.0f},
                         {kAttention + "act_q_1_q.zero_point", 0.2f},
                         {kAttention + "act_q_4_attn.alpha", 0.01f},
                         {kAttention + "act_q_4_attn.signed", 0.0f}}),
           model::Activations::k8, kAttention + "q_proj.alpha", &notes);
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].find("probabilities") != std::string::npos);
  CHECK(notes[1].find("1 zero points") != std::string::npos);
}

TEST_CASE("scales that mean nothing here are errors") {
  const auto refused = [](const std::string& name, float value) {
    CHECK_THROWS_AS(start_of(with_scalars({{name, value}}), model::Activations::k8, kAttention + "q_proj.alpha"), Error);
  };
  refused(kAttention + "q_proj.alpha", 0.0f);
  refused(kAttention + "q_proj.alpha", -1.0f);
  refused(kAttention + "q_proj.alpha", std::nanf(""));
  refused(kAttention + "act_q_9_other.alpha", 1.0f);
  refused(kAttention + "act_q_1_q.signed", 0.0f);
}

}  // namespace squat
