// SPDX-License-Identifier: Apache-2.0
// The loop in memory, and gradients of the residual stream.
#include "qat/train/short_run.hpp"

#include <cmath>

#include "host/quantize/random_float_model.hpp"
#include "qat/model/decoder.hpp"
#include "qat/model/factory.hpp"
#include "qat/train/window_gradients.hpp"
#include "tests/host/support.hpp"
#include "tests/qat/model/small_models.hpp"
#include "tests/qat/train/toy_model.hpp"

namespace squat::qat {
namespace {

Batch counting(int sequences, int length) {
  Batch batch;
  batch.sequences = sequences;
  batch.length = length;
  for (int i = 0; i < sequences * length; ++i) batch.tokens.push_back(i % toy::kVocabulary);
  return batch;
}

}  // namespace

TEST_CASE("a short run is one optimiser step per batch with the schedule's rate") {
  toy::TableModel model, by_hand;
  Teachers nobody;
  ShortRunOptions options;
  options.steps = 10;
  options.schedule = {0.05, 2, 0, 0.1};
  int shown = 0;
  options.progress = [&](int done, int total) {
    CHECK(done == ++shown);
    CHECK(total == 10);
  };
  std::vector<std::int64_t> asked;
  const double loss = short_run(
      model,
      [&](std::int64_t step) {
        asked.push_back(step);
        return counting(2, 6 + static_cast<int>(step));
      },
      nobody, options);
  CHECK(asked == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  AdamW optimiser(by_hand.parameters(), options.optimiser);
  double last = 0;
  for (int step = 0; step < 10; ++step) {
    last = by_hand.forward_backward(counting(2, 6 + step), {}, nullptr, true).total;
    double squares = 0;
    for (std::size_t i = 0; i < by_hand.parameters().size(); ++i)
      squares += std::pow(static_cast<double>(by_hand.parameters().gradients()[i]), 2);
    const double rate = step < 2 ? 0.05 * step / 2 : 0.05 * (0.1 + 0.9 * (1 + std::cos(3.14159265358979 * (step - 2) / 8)) / 2);
    optimiser.step(by_hand.parameters(), rate, std::min(1.0, 1 / (std::sqrt(squares) + 1e-6)));
  }
  CHECK(loss == Approx(last));
  for (std::size_t i = 0; i < model.parameters().size(); ++i)
    CHECK(model.parameters().values()[i] == Approx(by_hand.parameters().values()[i]).margin(1e-6));
}

TEST_CASE("a loss that is no number ends a short run") {
  toy::TableModel model;
  model.break_at_call = 3;
  Teachers nobody;
  try {
    short_run(model, [](std::int64_t) { return counting(1, 8); }, nobody, {});
    FAIL("expected an Error");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kCheckFailed);
    CHECK(std::string(error.what()).find("step 3: the loss") == 0);
  }
}

TEST_CASE("gradients of the residual stream are those of finite differences") {
  // A window of tokens that differ: what enters layer 0 at a position is one row of the embedding.
  model::ModelConfig config = test::small_llama(2, false);
  Decoder<double> model(config, nullptr);
  randomise(5, model.parameters());
  for (std::size_t i = 0; i < model.parameters().size(); ++i) model.parameters().values()[i] *= 8;
  Batch batch;
  batch.sequences = 2;
  batch.length = 6;
  batch.tokens = {3, 1, 4, 15, 9, 2, 6, 5, 14, 0, 7, 11};
  std::vector<std::vector<double>> kept;
  model.keep_residual_gradients(&kept);
  model.forward_backward(batch, {}, nullptr, true);
  model.keep_residual_gradients(nullptr);
  REQUIRE(kept.size() == 2);
  double* embedding = model.parameters().value(static_cast<std::size_t>(model.parameters().find("model.embed_tokens.weight")));
  for (std::size_t row = 0; row < 12; row += 5) {
    for (std::size_t i = 0; i < 16; i += 3) {
      double& x = embedding[static_cast<std::size_t>(batch.tokens[row]) * 16 + i];
      const double before = x, step = 1e-5;
      x = before + step;
      const double up = model.forward_backward(batch, {}, nullptr, false).ce;
      x = before - step;
      const double down = model.forward_backward(batch, {}, nullptr, false).ce;
      x = before;
      CHECK(kept[0][row * 16 + i] == Approx((up - down) / (2 * step)).margin(1e-8).epsilon(1e-5));
    }
  }

  // A layer that adds nothing hands its gradient on; the layer above it then begins at the embedding.
  for (const char* name : {"self_attn.o_proj", "mlp.down_proj"}) {
    const auto index = static_cast<std::size_t>(model.parameters().find("model.layers.0." + std::string(name) + ".weight"));
    std::fill_n(model.parameters().value(index), model.parameters().info(index).size, 0.0);
  }
  model.parameters().zero_gradients();
  model.keep_residual_gradients(&kept);
  model.forward_backward(batch, {}, nullptr, true);
  for (std::size_t i = 0; i < kept[0].size(); ++i) CHECK(kept[1][i] == Approx(kept[0][i]).margin(1e-12));
  const double* gradient =
      model.parameters().gradient(static_cast<std::size_t>(model.parameters().find("model.embed_tokens.weight")));
  for (std::size_t i = 0; i < 16; ++i) CHECK(kept[1][16 * 3 + i] == Approx(gradient[15 * 16 + i]).margin(1e-12));
}

TEST_CASE("window gradients are lengths, one per layer and token, and do not depend on earlier windows") {
  const model::FloatModel weights = quantize::random_float_model(test::small_config(true), 3, 0.2f);
  const auto gradients = window_gradients(weights);
  const int ids[] = {1, 40, 7, 7, 23, 30, 2, 11};
  const auto first = gradients(ids, 8);
  REQUIRE(first.size() == 2);
  REQUIRE(first[0].size() == 8);
  gradients(ids + 2, 5);
  CHECK(gradients(ids, 8) == first);
  const auto model = make_model(weights);
  std::vector<std::vector<float>> kept;
  model->keep_residual_gradients(&kept);
  Batch batch;
  batch.sequences = 1;
  batch.length = 8;
  batch.tokens.assign(ids, ids + 8);
  model->forward_backward(batch, {}, nullptr, true);
  double squares = 0;
  for (std::size_t i = 0; i < 32; ++i) squares += std::pow(static_cast<double>(kept[1][5 * 32 + i]), 2);
  CHECK(first[1][5] == Approx(std::sqrt(squares)));
}

}  // namespace squat::qat
