// SPDX-License-Identifier: Apache-2.0
// Weights on their way between files and the trainer.
#include "qat/model/float_weights.hpp"

#include "host/model/error.hpp"
#include "qat/model/factory.hpp"
#include "tests/catch.hpp"
#include "tests/qat/model/small_models.hpp"

namespace squat {

TEST_CASE("weights survive the way out of the trainer and back") {
  for (const model::ModelConfig& config : {test::small_llama(2, false), test::small_llama(4, true), test::small_gpt2()}) {
    const auto made = qat::make_model<float>(config, 3, nullptr);
    test::spread_weights(made->parameters(), 5);
    const auto again = qat::make_model(qat::to_float_model(*made));
    const qat::ParameterSet &a = made->parameters(), &b = again->parameters();
    REQUIRE(a.size() == b.size());
    CHECK(std::equal(a.values(), a.values() + a.size(), b.values()));
  }
}

TEST_CASE("GPT-2's c_attn holds queries, keys and values by columns, with rows of inputs") {
  const model::ModelConfig config = test::small_gpt2();
  const auto made = qat::make_model<float>(config, 3, nullptr);
  test::spread_weights(made->parameters(), 5);
  const qat::ParameterSet& p = made->parameters();
  const model::FloatModel out = qat::to_float_model(*made);
  const int h = config.hidden_size;
  const float* c_attn = p.value(static_cast<std::size_t>(p.find("transformer.h.1.attn.c_attn.weight")));
  const float* bias = p.value(static_cast<std::size_t>(p.find("transformer.h.1.attn.c_attn.bias")));
  const model::FloatMatrix* parts[] = {&out.layers[1].q, &out.layers[1].k, &out.layers[1].v};
  for (int part = 0; part < 3; ++part) {
    REQUIRE(parts[part]->rows == h);
    for (int row = 0; row < h; ++row) {
      CHECK(parts[part]->bias[static_cast<std::size_t>(row)] == bias[part * h + row]);
      for (int col = 0; col < h; ++col) {
        CHECK(parts[part]->w[static_cast<std::size_t>(row * h + col)] == c_attn[col * 3 * h + part * h + row]);
      }
    }
  }
  CHECK(out.layers[0].gate.w.empty());
  CHECK(out.positions.w.size() == static_cast<std::size_t>(config.max_positions * h));
  CHECK(out.final_beta.size() == static_cast<std::size_t>(h));
}

TEST_CASE("weights of another shape are refused") {
  const auto small = qat::make_model<float>(test::small_llama(2), 3, nullptr);
  model::FloatModel weights = qat::to_float_model(*small);
  weights.layers[0].input_norm.push_back(1.0f);
  CHECK_THROWS_AS(qat::make_model(weights), Error);
}

}  // namespace squat
