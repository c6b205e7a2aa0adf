// SPDX-License-Identifier: Apache-2.0
// The smallest language model: logits of the next token are a row of a table. With text that follows a pattern, and a loop
// around both.
#pragma once

#include <cmath>
#include <filesystem>
#include <vector>

#include "qat/data/sampler.hpp"
#include "qat/train/trainer.hpp"
#include "tests/host/support.hpp"

namespace squat::qat::toy {

constexpr int kVocabulary = 24;

class TableModel : public LanguageModel {
 public:
  explicit TableModel(int vocabulary = kVocabulary) {
    config_.vocab_size = vocabulary;
    parameters_.add("table", {vocabulary, vocabulary}, ParameterKind::kMatrix);
    parameters_.add("bias", {vocabulary}, ParameterKind::kBias);
  }
  ParameterSet& parameters() override { return parameters_; }
  const ParameterSet& parameters() const override { return parameters_; }
  const model::ModelConfig& config() const override { return config_; }

  BatchResult forward_backward(const Batch& batch, const LossOptions& losses, const TeacherSignals* teachers,
                               bool backward) override {
    BatchResult result;
    result.targets = static_cast<std::int64_t>(batch.sequences) * (batch.length - 1);
    const auto v = static_cast<std::size_t>(config_.vocab_size);
    const double share = losses.gradient_scale / static_cast<double>(result.targets);
    for (int s = 0; s < batch.sequences; ++s) {
      for (int t = 0; t + 1 < batch.length; ++t) {
        const auto at = static_cast<std::size_t>(s * batch.length + t);
        const auto now = static_cast<std::size_t>(batch.tokens[at]), next = static_cast<std::size_t>(batch.tokens[at + 1]);
        const std::vector<double> p = probabilities(now);
        result.ce -= std::log(p[next]) / static_cast<double>(result.targets);
        for (std::size_t k = 0; backward && k < v; ++k) {
          const auto g = static_cast<float>(share * (p[k] - (k == next ? 1.0 : 0.0)));
          parameters_.gradient(0)[now * v + k] += g;
          parameters_.gradient(1)[k] += g;
        }
      }
    }
    ++calls;
    teacher_logits = teachers == nullptr ? 0 : teachers->teachers.at(0)->logits.size();
    if (calls == break_at_call) result.ce = std::nan("");
    result.total = result.ce;
    result.finite = std::isfinite(result.total);
    return result;
  }
  void forward(const Batch& batch, const OutputOptions&, ModelOutputs& outputs) override {
    outputs.logits.assign(batch.tokens.size() * static_cast<std::size_t>(config_.vocab_size), 0.0f);
  }
  void start_scales(const Batch& batch) override { started_with = batch.sequences; }
  void mark_started() override {}
  void set_widths(const model::WidthPolicy&) override {}
  void set_threads(int) override {}

  int calls = 0, break_at_call = -1, started_with = 0;
  std::size_t teacher_logits = 0;

 private:
  std::vector<double> probabilities(std::size_t now) const {
    const auto v = static_cast<std::size_t>(config_.vocab_size);
    std::vector<double> p(v);
    double sum = 0;
    for (std::size_t k = 0; k < v; ++k) {
      p[k] = std::exp(static_cast<double>(parameters_.value(0)[now * v + k] + parameters_.value(1)[k]));
      sum += p[k];
    }
    for (double& x : p) x /= sum;
    return p;
  }
  model::ModelConfig config_;
  ParameterSet parameters_;
};

/// 5000 tokens, most of which follow from the one before.
inline std::filesystem::path write_tokens(const std::filesystem::path& directory) {
  TokenWriter writer(directory / "tokens", kVocabulary);
  for (int i = 0, token = 0; i < 5000; ++i) {
    writer.add(token);
    token = i % 7 == 3 ? (i * i) % kVocabulary : (token * 5 + 1) % kVocabulary;
  }
  writer.finish({});
  return directory / "tokens";
}

/// Settings that learn quickly; nothing is logged by the second.
inline TrainOptions options_for(const std::filesystem::path& directory, std::int64_t steps) {
  TrainOptions options;
  options.steps = steps;
  options.schedule.peak = 0.1;
  options.schedule.warmup = 5;
  options.directory = directory;
  options.checkpoint_every = 10;
  options.configuration = "toy " + std::to_string(steps);
  return options;
}

}  // namespace squat::qat::toy
