// SPDX-License-Identifier: Apache-2.0
// What an integer model must satisfy before a device runs it, beyond what its file form can express.
#include "host/model/integer_check.hpp"

#include <functional>

#include "tests/host/support.hpp"
#include "tests/support/random_model.hpp"

namespace squat::model {
namespace {

/// The error of a random model after `change`.
std::string refused(bool gpt2, const std::function<void(IntegerModel&)>& change) {
  test::RandomModelSpec spec;
  spec.gpt2 = gpt2;
  IntegerModel m = test::random_model(spec);
  check_integer_model(m, "m");
  change(m);
  return test::input_error_of([&] { check_integer_model(m, "m"); });
}

}  // namespace

TEST_CASE("a bias may use what the row's codes leave of 26 bits, and no more") {
  test::RandomModelSpec spec;
  spec.gpt2 = true;
  IntegerModel m = test::random_model(spec);
  IntMatrix& w = m.layers[1].down;
  std::fill_n(w.codes.begin(), w.cols, std::int8_t{-7});
  const std::int32_t free = (1 << 26) - 128 * 7 * w.cols;
  for (const std::int32_t sign : {1, -1}) {
    w.bias[0] = sign * (free - 1);
    CHECK_NOTHROW(check_integer_model(m, "m"));
    w.bias[0] = sign * free;
    CHECK_THAT(test::input_error_of([&] { check_integer_model(m, "m"); }),
               Catch::Contains("transformer.h.1.mlp.c_proj.bias") && Catch::Contains("in row 0"));
  }
  w.bias[0] = INT32_MIN;
  CHECK_THAT(test::input_error_of([&] { check_integer_model(m, "m"); }), Catch::Contains("c_proj.bias"));
}

TEST_CASE("GPT-2 models have every part of their own and none of LLaMA's") {
  const auto gpt2 = [](const std::function<void(IntegerModel&)>& change) { return refused(true, change); };
  CHECK_THAT(gpt2([](IntegerModel& m) { m.layers[0].q.bias.pop_back(); }), Catch::Contains("h.0.attn.q_proj.bias"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.layers[0].v.bias.clear(); }), Catch::Contains("h.0.attn.v_proj.bias"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.layers[1].mlp_norm.beta.clear(); }), Catch::Contains("h.1.ln_2.beta"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.final_norm.beta[3] = 1 << 23; }), Catch::Contains("transformer.ln_f.beta"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.final_norm.beta[3] = -(1 << 23); }), Catch::Contains("transformer.ln_f.beta"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.final_norm.shift = 8; }), Catch::Contains("9 to 59"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.positions.codes.pop_back(); }), Catch::Contains("transformer.wpe.qweight"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.position_residual.m = 1; }), Catch::Contains("transformer.wpe.requant"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.mean.s += 1; }), Catch::Contains("norm_mean"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.mean.m = 0; }), Catch::Contains("norm_mean"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.mean.m += 2; }), Catch::Contains("norm_mean"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.rope_step[1] = 1; }), Catch::Contains("rope_step"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.rope_step.pop_back(); }), Catch::Contains("rope_step"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.layers[0].gate = m.layers[0].up; }), Catch::Contains("gate"));
  CHECK_THAT(gpt2([](IntegerModel& m) { m.config.kv_heads = 2; }), Catch::Contains("k_proj"));
  const auto llama = [](const std::function<void(IntegerModel&)>& change) { return refused(false, change); };
  CHECK_THAT(llama([](IntegerModel& m) { m.layers[0].o.bias.resize(128); }), Catch::Contains("o_proj.bias"));
  CHECK_THAT(llama([](IntegerModel& m) { m.final_norm.beta.resize(128); }), Catch::Contains("model.norm.beta"));
  CHECK_THAT(llama([](IntegerModel& m) { m.positions = m.embedding; }), Catch::Contains("positions"));
}

}  // namespace squat::model
