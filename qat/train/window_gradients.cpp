// SPDX-License-Identifier: Apache-2.0
#include "qat/train/window_gradients.hpp"

#include <cmath>
#include <memory>

#include "qat/model/factory.hpp"

namespace squat::qat {

std::function<std::vector<std::vector<double>>(const int* ids, int tokens)> window_gradients(const model::FloatModel& weights) {
  const std::shared_ptr<LanguageModel> model = make_model(weights);
  return [model](const int* ids, int tokens) {
    Batch batch;
    batch.sequences = 1;
    batch.length = tokens;
    batch.tokens.assign(ids, ids + tokens);
    std::vector<std::vector<float>> gradients;
    model->keep_residual_gradients(&gradients);
    model->parameters().zero_gradients();
    model->forward_backward(batch, {}, nullptr, true);
    model->keep_residual_gradients(nullptr);
    const auto hidden = static_cast<std::size_t>(model->config().hidden_size);
    std::vector<std::vector<double>> lengths;
    for (const std::vector<float>& layer : gradients) {
      lengths.emplace_back();
      for (std::size_t at = 0; at < layer.size(); at += hidden) {
        double squares = 0;
        for (std::size_t i = 0; i < hidden; ++i) squares += std::pow(static_cast<double>(layer[at + i]), 2);
        lengths.back().push_back(std::sqrt(squares));
      }
    }
    return lengths;
  };
}

}  // namespace squat::qat
