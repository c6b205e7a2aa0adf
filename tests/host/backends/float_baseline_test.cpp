// SPDX-License-Identifier: Apache-2.0
// The FP16 and FP32 baseline against the float reference, which shares none of its code.
#include "host/backends/cpu/float_baseline.hpp"

#include <cmath>

#include "host/model/error.hpp"
#include "host/model/float_bytes.hpp"
#include "host/model/float_tensors.hpp"
#include "host/quantize/random_float_model.hpp"
#include "host/reference_float/float_reference.hpp"
#include "tests/catch.hpp"
#include "tests/support/compare_devices.hpp"

using namespace squat;
using namespace squat::backends;

namespace {

/// The matrices as FP16 holds them; norms, biases and embeddings stay.
model::FloatModel rounded(model::FloatModel m) {
  const auto round = [](model::FloatMatrix& w) {
    for (float& v : w.w) v = model::half_to_float(model::float_to_half(v));
  };
  for (model::FloatLayer& l : m.layers) {
    for (model::FloatMatrix* w : {&l.q, &l.k, &l.v, &l.o, &l.gate, &l.up, &l.down}) round(*w);
  }
  round(m.lm_head);
  return m;
}

void require_same_logits(const model::FloatModel& real, const model::FloatModel& expected, cpu::FloatWidth width, int threads) {
  const std::vector<int> ids = test::random_ids(21, real.config.vocab_size, 9);
  const std::vector<float> all = reference::FloatReference(expected).forward(ids.data(), static_cast<int>(ids.size()));
  cpu::FloatBaseline baseline(real, width, threads);
  for (int repeat = 0; repeat < 2; ++repeat) {
    baseline.reset();
    const auto vocab = static_cast<std::size_t>(real.config.vocab_size);
    std::size_t at = 0;
    for (const std::size_t tokens : {std::size_t{13}, std::size_t{1}, std::size_t{6}, std::size_t{1}}) {
      const auto from = ids.begin() + static_cast<std::ptrdiff_t>(at);
      const std::vector<float>& got = baseline.run({from, from + static_cast<std::ptrdiff_t>(tokens)});
      at += tokens;
      REQUIRE(baseline.position() == static_cast<int>(at));
      REQUIRE(got.size() == vocab);
      for (std::size_t i = 0; i < vocab; ++i) {
        const double want = static_cast<double>(all[(at - 1) * vocab + i]);
        if (std::fabs(static_cast<double>(got[i]) - want) > 2e-4 * (1.0 + std::fabs(want))) {
          FAIL("position " << at - 1 << ", logit " << i << ": " << got[i] << ", expected " << want);
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("The float baseline computes the logits of the float reference") {
  model::ModelConfig grouped = test::odd_shape(), gpt2 = test::gpt2_shape(96, 208, 2, 3, 70);
  grouped.heads = 6;
  grouped.kv_heads = 3;
  for (const model::ModelConfig& config : {grouped, test::wide_shape(), gpt2}) {
    const model::FloatModel real = quantize::random_float_model(config, 3, 0.08f);
    for (const int threads : {1, 3}) {
      INFO(config.model_type << ", hidden " << config.hidden_size << ", threads " << threads);
      require_same_logits(real, real, cpu::FloatWidth::kSingle, threads);
      model::FloatModel untied = real;  // a tied head is rounded and the embedding is not
      if (config.tied) {
        untied.lm_head = untied.embedding;
        untied.config.tied = false;
      }
      require_same_logits(real, rounded(untied), cpu::FloatWidth::kHalf, threads);
    }
  }
}

TEST_CASE("The float baseline reads 2 or 4 bytes per weight and refuses what does not fit") {
  const model::ModelConfig config = test::wide_shape(1);
  const model::FloatModel real = quantize::random_float_model(config, 3);
  const std::size_t weights = 4 * 256 * 256 + 3 * 256 * 320 + 104 * 256;  // the head's 100 rows padded
  CHECK(cpu::FloatBaseline(real, cpu::FloatWidth::kHalf, 1).weight_bytes() == 2 * weights);
  CHECK(cpu::FloatBaseline(real, cpu::FloatWidth::kSingle, 1).weight_bytes() == 4 * weights);
  cpu::FloatBaseline baseline(real, cpu::FloatWidth::kHalf, 1);
  CHECK_THROWS_AS(baseline.run({}), Error);
  CHECK_THROWS_AS(baseline.run({100}), Error);
  CHECK_THROWS_AS(baseline.run(std::vector<int>(301, 1)), Error);
}
