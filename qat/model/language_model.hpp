// SPDX-License-Identifier: Apache-2.0
// What the training loop sees of a model: parameters, and one call that runs a batch forward and backward.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "host/model/integer_model.hpp"
#include "host/model/model_config.hpp"
#include "qat/loss/loss_options.hpp"
#include "qat/model/parameter_set.hpp"

namespace squat::qat {

struct Batch {
  int sequences = 0;                 ///< B
  int length = 0;                    ///< T
  std::vector<std::int32_t> tokens;  ///< (B, T)
  /// (B, T): what position t should predict, negative = not counted. Empty: the token at t + 1, nothing at the last position.
  std::vector<std::int32_t> targets;
  /// (B): tokens at the front of each sequence, 1..T; what is behind them is padding and takes part in no ranking. Empty: T
  /// each.
  std::vector<std::int32_t> lengths;
  std::uint64_t number = 0;  ///< seeds the noise of training passes that have some
};

/// What a teacher says about a batch; filled by LanguageModel::forward of the teacher.
template <typename S>
struct BasicModelOutputs {
  std::vector<S> logits;                     ///< (B, T, vocab)
  std::vector<std::vector<S>> attention;     ///< per layer (B, heads, T, T): causal softmax maps, before rounding
  std::vector<std::vector<S>> raw_products;  ///< per layer (B, heads, T, T): scaled q.k before mask and softmax
};

template <typename S>
struct BasicTeacherSignals {
  std::vector<const BasicModelOutputs<S>*> teachers;  ///< at least one; the same vocabulary as the student
  std::vector<double> weights;                        ///< one per teacher, any positive sum; empty = equal
};

/// Which outputs forward() keeps besides the logits.
struct OutputOptions {
  bool attention = false;
  bool raw_products = false;
};

struct BatchResult {
  double total = 0;         ///< the weighted sum of LossOptions
  double ce = 0;            ///< mean over the counted targets, nats
  double kl = 0;            ///< after tau^2 and reduction; 0 without teachers
  double entropy = 0;       ///< 0 when its weight is 0
  double distribution = 0;  ///< 0 when its weight is 0
  std::int64_t targets = 0;
  double eight_bit_share = 1;  ///< share of 8-bit (token, layer) decisions; 1 for unquantised models
  bool finite = true;          ///< false when a loss is NaN or infinite; the gradients are then useless
};

/// S = float in training, double in tests. Results are the same bits for any number of threads.
template <typename S>
class BasicLanguageModel {
 public:
  virtual ~BasicLanguageModel() = default;
  virtual BasicParameterSet<S>& parameters() = 0;
  virtual const BasicParameterSet<S>& parameters() const = 0;
  virtual const model::ModelConfig& config() const = 0;

  /// Forward pass and losses; with `backward` adds every gradient (times gradient_scale) to parameters().gradients().
  /// `teachers` may be null. Throws usage_error for token ids outside the vocabulary, too long sequences, quantisers without a
  /// start (call start_scales first) and teachers of another vocabulary.
  virtual BatchResult forward_backward(const Batch& batch, const LossOptions& losses, const BasicTeacherSignals<S>* teachers,
                                       bool backward) = 0;
  /// Forward only, keeping the outputs (a teacher; generation of reports).
  virtual void forward(const Batch& batch, const OutputOptions& options, BasicModelOutputs<S>& outputs) = 0;

  /// Quantised models: sets every scale (weights and activations, by the configured start) from this batch.
  /// Does nothing for unquantised ones. Models whose scales were loaded call mark_started instead.
  virtual void start_scales(const Batch& batch) = 0;
  virtual void mark_started() = 0;
  /// Replaces the width policy of a quantised model (for example recalibrated thresholds).
  virtual void set_widths(const model::WidthPolicy& widths) = 0;

  /// Called in every backward pass for ranges of the gradients (first element, number) as they become final, the same ranges in
  /// the same order whatever the number of threads, together all of them; one call at a time, from any thread. Models that do
  /// not announce anything leave it uncalled. Empty: nobody listens.
  using GradientListener = std::function<void(std::size_t offset, std::size_t count)>;
  virtual void on_gradients(GradientListener) {}

  /// Where backward passes also leave the gradient of the residual stream at the input of every layer: (layers) of (B, T,
  /// hidden). Null, as at the start: nowhere. Models without such a stream leave it alone.
  virtual void keep_residual_gradients(std::vector<std::vector<S>>*) {}

  /// Own threads over sequences; 1 by default. The caller's thread is one of them.
  virtual void set_threads(int threads) = 0;
};

using ModelOutputs = BasicModelOutputs<float>;
using TeacherSignals = BasicTeacherSignals<float>;
using LanguageModel = BasicLanguageModel<float>;

}  // namespace squat::qat
