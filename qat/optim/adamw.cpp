// SPDX-License-Identifier: Apache-2.0
#include "qat/optim/adamw.hpp"

#include <algorithm>
#include <cmath>

namespace squat::qat {
namespace {

/// One step's constants.
struct Rule {
  float gradient_factor, beta1, beta2, epsilon;
  float correction1, correction2;  ///< 1 / (1 - beta1^t), 1 / sqrt(1 - beta2^t)
  float rate, keep;                ///< keep = 1 - rate * weight_decay
};

/// The moments after this gradient, and the direction of the step: m^ / (sqrt(v^) + epsilon).
inline float direction(const Rule& rule, float gradient, float& first, float& second) {
  const float g = gradient * rule.gradient_factor;
  first = rule.beta1 * first + (1.0f - rule.beta1) * g;
  second = rule.beta2 * second + (1.0f - rule.beta2) * g * g;
  return first * rule.correction1 / (std::sqrt(second) * rule.correction2 + rule.epsilon);
}

void update(const Rule& rule, float* __restrict value, float* __restrict gradient, float* __restrict first,
            float* __restrict second, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    value[i] = value[i] * rule.keep - rule.rate * direction(rule, gradient[i], first[i], second[i]);
    gradient[i] = 0.0f;
  }
}

void update_scales(const Rule& rule, bool relative, float* value, float* gradient, float* first, float* second,
                   std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float old = value[i];
    const float unit = relative ? old : 1.0f;
    value[i] = std::max(0.5f * old, old * rule.keep - rule.rate * unit * direction(rule, gradient[i], first[i], second[i]));
    gradient[i] = 0.0f;
  }
}

}  // namespace

AdamW::AdamW(const ParameterSet& parameters, const AdamWOptions& options)
    : options_(options), first_(parameters.size(), 0.0f), second_(parameters.size(), 0.0f) {
  for (std::size_t p = 0; p < parameters.count(); ++p) {
    const ParameterInfo& info = parameters.info(p);
    for (std::size_t at = 0; at < info.size; at += kBlock) {
      ranges_.push_back({info.offset + at, std::min(kBlock, info.size - at), p});
    }
  }
}

void AdamW::step(ParameterSet& parameters, double rate, double gradient_factor, const ForEachBlock& for_each) {
  ++steps_;
  const auto t = static_cast<double>(steps_);
  Rule rule{};
  rule.gradient_factor = static_cast<float>(gradient_factor);
  rule.beta1 = static_cast<float>(options_.beta1);
  rule.beta2 = static_cast<float>(options_.beta2);
  rule.epsilon = static_cast<float>(options_.epsilon);
  rule.correction1 = static_cast<float>(1.0 / (1.0 - std::pow(options_.beta1, t)));
  rule.correction2 = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(options_.beta2, t)));
  parameters.set_gradients_are_zero(true);
  for_each(static_cast<int>(ranges_.size()), [&](int index) {
    const Range& range = ranges_[static_cast<std::size_t>(index)];
    const ParameterInfo& info = parameters.info(range.parameter);
    if (!info.trainable) return;
    float* value = parameters.values() + range.begin;
    float* gradient = parameters.gradients() + range.begin;
    float* first = first_.data() + range.begin;
    float* second = second_.data() + range.begin;
    Rule own = rule;
    const bool scale = info.kind == ParameterKind::kScale || info.kind == ParameterKind::kZeroPoint;
    const double own_rate = scale ? rate * options_.scale_rate : rate;
    own.rate = static_cast<float>(own_rate);
    own.keep = info.decay ? static_cast<float>(1.0 - rate * options_.weight_decay) : 1.0f;
    if (info.kind == ParameterKind::kScale) {
      update_scales(own, options_.relative_scales, value, gradient, first, second, range.size);
    } else {
      update(own, value, gradient, first, second, range.size);
    }
  });
}

}  // namespace squat::qat
