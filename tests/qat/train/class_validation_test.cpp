// SPDX-License-Identifier: Apache-2.0
#include "qat/train/class_validation.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/qat/model/small_models.hpp"

namespace squat::qat {

TEST_CASE("validation of a task is that of its examples one by one") {
  Decoder<float> model(test::small_llama(), nullptr);
  test::spread_weights(model.parameters(), 6);
  const std::vector<int> tokens = {4, 9, 2};
  std::vector<TokenExample> examples;
  for (int i = 0; i < 21; ++i) {
    const Batch random = test::random_batch(1, 1 + i % 7, 19, static_cast<std::uint32_t>(i));
    examples.push_back({random.tokens, tokens[static_cast<std::size_t>(i) % 3]});
  }
  double nll = 0, right = 0;
  for (const TokenExample& e : examples) {
    Batch one;
    one.sequences = 1;
    one.length = static_cast<int>(e.ids.size());
    one.tokens = e.ids;
    ModelOutputs outputs;
    model.forward(one, {}, outputs);
    const float* row = outputs.logits.data() + (e.ids.size() - 1) * 19;
    double sum = 0;
    for (int v = 0; v < 19; ++v) sum += std::exp(static_cast<double>(row[v]));
    nll += std::log(sum) - static_cast<double>(row[e.target]);
    int best = tokens[0];
    for (const int t : tokens) best = row[t] > row[best] ? t : best;
    right += best == e.target;
  }
  REQUIRE(right > 0);
  REQUIRE(right < 21);
  const Validation found = class_validation(model, examples, tokens, 4);
  CHECK(found.perplexity == Approx(std::exp(nll / 21)).epsilon(1e-5));
  CHECK(found.accuracy == Approx(right / 21));
}

}  // namespace squat::qat
