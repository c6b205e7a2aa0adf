// SPDX-License-Identifier: Apache-2.0
// AdamW: Adam with weight decay that acts on the weights and not through the gradient (Loshchilov, Hutter, arXiv 1711.05101).
#pragma once

#include <cstdint>
#include <vector>

#include "qat/model/parameter_set.hpp"
#include "qat/optim/blocks.hpp"

namespace squat::qat {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.1;  ///< of parameters whose `decay` is set
  /// Learning rate of quantiser scales and zero points relative to the others.
  double scale_rate = 1.0;
  /// Scales move by a share of their value instead of an amount: rate * scale_rate * scale per step.
  bool relative_scales = false;
};

class AdamW {
 public:
  /// Moments of zeros for these parameters; `parameters` is not kept.
  AdamW(const ParameterSet& parameters, const AdamWOptions& options);

  /// One update with gradients * gradient_factor (accumulation and clipping); leaves every gradient 0 for the next step.
  /// A scale never falls below half its value in one step, so it stays positive. Parameters that are not trainable do not
  /// change. `parameters` has the layout given to the constructor.
  void step(ParameterSet& parameters, double rate, double gradient_factor, const ForEachBlock& for_each = serially);

  /// Updates made so far.
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  /// In the layout of ParameterSet::values(): what a checkpoint holds besides the values.
  std::vector<float>& first_moments() { return first_; }
  std::vector<float>& second_moments() { return second_; }
  const std::vector<float>& first_moments() const { return first_; }
  const std::vector<float>& second_moments() const { return second_; }

 private:
  struct Range {
    std::size_t begin, size;
    std::size_t parameter;
  };
  AdamWOptions options_;
  std::int64_t steps_ = 0;
  std::vector<float> first_, second_;
  std::vector<Range> ranges_;  ///< at most kBlock elements of one parameter each
};

}  // namespace squat::qat
