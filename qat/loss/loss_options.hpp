// SPDX-License-Identifier: Apache-2.0
// What is minimised: (1 - gamma) * CE + gamma * tau^2 * KL + entropy_weight * L_E + distribution_weight * L_D.
// Squat, arXiv 2402.10787, eq. 12, 13, 15, 16; where the paper, its published code and this project differ: loss_presets.hpp.
#pragma once

#include <string>
#include <vector>

namespace squat::qat {

enum class KlReduction {
  kTokenMean,   ///< sum over tokens and vocabulary divided by sequences * length
  kBatchMean,   ///< divided by sequences only (published code): length times larger
  kTargetMean,  ///< at positions with a target only, divided by their number: fine-tuning
};

enum class TeacherMix {
  kMeanLogits,         ///< softmax of the weighted mean of the teachers' logits (published code)
  kMeanProbabilities,  ///< weighted mean of the teachers' softmax
};

enum class EntropyForm {
  kPaper,      ///< -log sum over layers and heads of log(1 + var(q) var(k)), variances over batch, time and head dimension
  kPublished,  ///< -log( sum log(1 + var q) + sum log(1 + var k) ), variances per token over the head dimension, n - 1
};

enum class DistributionForm {
  kMinusLogMean,  ///< -log(mean cos) of causal softmax maps
  kPaperPlusLog,  ///< +log(sum over layers and heads of cos, mean over the batch) of causal softmax maps, as printed (eq. 13)
  kMinusLogSum,   ///< the negative of kPaperPlusLog: kMinusLogMean without dividing by layers * heads
  kOneMinusCos,   ///< 1 - mean cos of causal softmax maps
  kPublishedRaw,  ///< +log(sum cos), batch summed too, of raw scaled q.k products before mask and softmax
};

struct LossOptions {
  double gamma = 0.5;  ///< share of the distillation term; without teachers CE has weight 1
  double tau = 2.0;    ///< softmax temperature of both sides of KL
  KlReduction kl_reduction = KlReduction::kTokenMean;
  TeacherMix teacher_mix = TeacherMix::kMeanLogits;
  double entropy_weight = 0.0;  ///< r_E; 0 leaves the term out
  EntropyForm entropy_form = EntropyForm::kPaper;
  bool entropy_unbiased = false;     ///< kPaper: divide variances by n - 1 instead of n
  double distribution_weight = 0.0;  ///< r_D; 0 leaves the term out. Compared with the maps of the first teacher
  DistributionForm distribution_form = DistributionForm::kMinusLogMean;
  double gradient_scale = 1.0;  ///< factor on every gradient: 1 / parts
  int parts = 1;  ///< batches of a step, accumulated or on other ranks: LSQ divides by the size of the tensor of all of them
};

}  // namespace squat::qat
