// SPDX-License-Identifier: Apache-2.0
// One step: checks, phases over threads, losses that need the whole batch.
#include "qat/model/decoder.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "host/model/error.hpp"
#include "qat/model/decoder_attention.hpp"
#include "qat/model/decoder_backward.hpp"
#include "qat/model/decoder_forward.hpp"
#include "qat/model/decoder_weights.hpp"
#include "qat/quant/clipping.hpp"
#include "qat/quant/noise.hpp"

namespace squat::qat {

template <typename S>
Decoder<S>::Decoder(const model::ModelConfig& config, const QuantConfig* quant) : k_(kernels<S>()) {
  if (quant != nullptr) quant_ = *quant;
  a_ = build_architecture(config, quant, parameters_);
  scratch_.resize(1);
  list_weight_tasks();
}

template <typename S>
void Decoder<S>::set_threads(int threads) {
  workers_.resize(std::max(1, threads));
  scratch_.resize(static_cast<std::size_t>(workers_.threads()));
}

template <typename S>
void Decoder<S>::set_widths(const model::WidthPolicy& widths) {
  if (!quant_ || quant_->widths.activations != widths.activations) {
    throw usage_error("widths: the model was built for other activation bits");
  }
  quant_->widths = widths;
}

template <typename S>
void Decoder<S>::check_batch(const Batch& batch) const {
  const auto rows =
      static_cast<std::size_t>(std::max(0, batch.sequences)) * static_cast<std::size_t>(std::max(0, batch.length));
  if (rows == 0 || batch.tokens.size() != rows || (!batch.targets.empty() && batch.targets.size() != rows)) {
    throw usage_error("batch of " + std::to_string(batch.sequences) + " x " + std::to_string(batch.length) + " tokens: found " +
                      std::to_string(batch.tokens.size()) + " tokens and " + std::to_string(batch.targets.size()) + " targets");
  }
  if (batch.length > a_.config.max_positions) {
    throw usage_error("sequences of " + std::to_string(batch.length) + " tokens: the model has " +
                      std::to_string(a_.config.max_positions) + " positions");
  }
  const auto impossible = [&](std::int32_t length) { return length < 1 || length > batch.length; };
  if ((!batch.lengths.empty() && batch.lengths.size() != static_cast<std::size_t>(batch.sequences)) ||
      std::any_of(batch.lengths.begin(), batch.lengths.end(), impossible)) {
    throw usage_error("batch lengths: expected one from 1 to " + std::to_string(batch.length) + " for each of " +
                      std::to_string(batch.sequences) + " sequences");
  }
  const auto outside = [&](std::int32_t id, std::int32_t lowest) { return id < lowest || id >= a_.config.vocab_size; };
  for (const std::int32_t id : batch.tokens) {
    if (outside(id, 0))
      throw usage_error("token id " + std::to_string(id) + ": expected 0 to " + std::to_string(a_.config.vocab_size - 1));
  }
  for (const std::int32_t id : batch.targets) {
    if (id >= 0 && outside(id, 0))
      throw usage_error("target id " + std::to_string(id) + ": expected up to " + std::to_string(a_.config.vocab_size - 1));
  }
  if (quant_ && !started_ && !starting_)
    throw usage_error("the quantisers have no scales yet: start them from a batch, or load them");
}

template <typename S>
void Decoder<S>::check_teachers(const Batch& batch, const BasicTeacherSignals<S>& teachers, const LossOptions& losses) const {
  const std::size_t rows = batch.tokens.size(), vocab = static_cast<std::size_t>(a_.config.vocab_size);
  if (teachers.teachers.empty() || (!teachers.weights.empty() && teachers.weights.size() != teachers.teachers.size())) {
    throw usage_error("teachers: expected at least one, and a weight for each or none");
  }
  for (const BasicModelOutputs<S>* t : teachers.teachers) {
    if (t->logits.size() != rows * vocab) throw usage_error("teacher: its logits do not have this batch's shape or vocabulary");
  }
  if (losses.distribution_weight == 0) return;
  const BasicModelOutputs<S>& first = *teachers.teachers[0];
  const auto& maps = losses.distribution_form == DistributionForm::kPublishedRaw ? first.raw_products : first.attention;
  const std::size_t size = rows * static_cast<std::size_t>(a_.config.heads) * static_cast<std::size_t>(batch.length);
  if (maps.size() != a_.blocks.size() || maps[0].size() != size) {
    throw usage_error("distribution loss: the first teacher must have the student's number of layers and heads");
  }
}

/// Large tasks read the weights less often; with several threads there is one for each, and more when they would be large.
/// Results do not depend on it.
template <typename S>
void Decoder<S>::prepare(const Batch& batch, bool gradients) {
  const auto& c = a_.config;
  const int threads = workers_.threads(), rows = threads == 1 ? 1024 : 512;
  sequences_per_task_ = std::max(1, std::min(rows / batch.length, (batch.sequences + threads - 1) / threads));
  if (starting_) sequences_per_task_ = batch.sequences;
  tasks_ = (batch.sequences + sequences_per_task_ - 1) / sequences_per_task_;
  store_.resize(a_, batch.sequences, batch.length, gradients);
  const int half = c.head_dim / 2;
  for (; rotary_positions_ < batch.length; ++rotary_positions_) {
    for (int i = 0; i < half; ++i) {
      const double angle = rotary_positions_ * std::pow(c.rope_theta, -2.0 * i / c.head_dim);
      cosine_.push_back(static_cast<S>(std::cos(angle)));
      sine_.push_back(static_cast<S>(std::sin(angle)));
    }
  }
  sums_.resize(static_cast<std::size_t>(batch.sequences));
  const std::size_t heads = a_.blocks.size() * static_cast<std::size_t>(c.heads);
  for (SequenceSums<S>& s : sums_) {
    s = SequenceSums<S>{};
    if (gradients) s.vectors.assign(parameters_.size() - a_.matrix_elements, S{0});
    s.sites.assign(a_.blocks.size() * kBlockSites + 1, SiteSums{});
    s.q.resize(heads);
    s.k.resize(heads);
  }
}

template <typename S>
typename Decoder<S>::Rows Decoder<S>::rows_of(int task) const {
  Rows r;
  r.sequence = task * sequences_per_task_;
  r.sequences = std::min(sequences_per_task_, store_.sequences - r.sequence);
  r.row = static_cast<std::size_t>(r.sequence) * static_cast<std::size_t>(store_.length);
  r.rows = r.sequences * store_.length;
  return r;
}

template <typename S>
BatchResult Decoder<S>::forward_backward(const Batch& batch, const LossOptions& losses, const BasicTeacherSignals<S>* teachers,
                                         bool backward) {
  check_batch(batch);
  if (teachers != nullptr) check_teachers(batch, *teachers, losses);
  Step step;
  step.batch = &batch;
  step.losses = &losses;
  step.teachers = teachers;
  step.backward = backward;
  BatchResult result;
  for (std::size_t i = 0; i < batch.tokens.size(); ++i) {
    result.targets += batch.targets.empty() ? (static_cast<int>(i % static_cast<std::size_t>(batch.length)) + 1 < batch.length)
                                            : batch.targets[i] >= 0;
  }
  const double gamma = teachers != nullptr ? losses.gamma : 0.0;
  const double reduction = losses.kl_reduction == KlReduction::kTokenMean ? static_cast<double>(batch.tokens.size())
                           : losses.kl_reduction == KlReduction::kTargetMean
                               ? static_cast<double>(std::max<std::int64_t>(1, result.targets))
                               : batch.sequences;
  step.ce_factor = result.targets == 0 ? 0.0 : (1 - gamma) * losses.gradient_scale / static_cast<double>(result.targets);
  step.kl_factor = gamma * losses.tau * losses.tau * losses.gradient_scale / reduction;
  step.entropy_factor = losses.entropy_weight * losses.gradient_scale;
  if (teachers != nullptr) {
    step.distribution_factor = losses.distribution_weight * losses.gradient_scale;
    step.teacher_weights = teachers->weights;
    if (step.teacher_weights.empty()) step.teacher_weights.assign(teachers->teachers.size(), 1.0);
    double sum = 0;
    for (const double w : step.teacher_weights) sum += w;
    for (double& w : step.teacher_weights) w /= sum;
    if (step.distribution_factor != 0) {
      step.maps.resize(a_.blocks.size() * static_cast<std::size_t>(batch.sequences) *
                       static_cast<std::size_t>(a_.config.heads));
    }
  }
  prepare(batch, backward);
  noisy_ = backward && quant_ && quant_->noise;
  batch_number_ = batch.number;
  run_forward(step);
  double ce = 0, kl = 0;
  std::int64_t eight = 0, decisions = 0;
  for (const SequenceSums<S>& s : sums_) {
    ce += s.ce;
    kl += s.kl;
    eight += s.eight;
    decisions += s.decisions;
  }
  result.ce = result.targets == 0 ? 0.0 : ce / static_cast<double>(result.targets);
  result.kl = losses.tau * losses.tau * kl / reduction;
  result.eight_bit_share = decisions == 0 ? 1.0 : static_cast<double>(eight) / static_cast<double>(decisions);
  finish_losses(step, result);
  result.total = (1 - gamma) * result.ce + gamma * result.kl + losses.entropy_weight * result.entropy +
                 losses.distribution_weight * result.distribution;
  result.finite = std::isfinite(result.total);
  if (backward) run_backward(step);
  return result;
}

template <typename S>
void Decoder<S>::finish_losses(Step& step, BatchResult& result) {
  if (step.entropy_factor != 0) {
    std::vector<HeadMoments> q(sums_[0].q.size()), k(q.size());
    const auto add = [](HeadMoments& to, const HeadMoments& from) {
      to.count += from.count;
      to.sum += from.sum;
      to.squares += from.squares;
      to.log_variances += from.log_variances;
    };
    for (const SequenceSums<S>& s : sums_) {
      for (std::size_t i = 0; i < q.size(); ++i) {
        add(q[i], s.q[i]);
        add(k[i], s.k[i]);
      }
    }
    step.entropy = entropy_loss(q, k, step.losses->entropy_form, step.losses->entropy_unbiased);
    result.entropy = step.entropy.value;
  }
  if (step.distribution_factor != 0) {
    step.distribution = distribution_loss(step.maps, step.batch->sequences, step.losses->distribution_form);
    result.distribution = step.distribution.value;
  }
}

template <typename S>
void Decoder<S>::forward(const Batch& batch, const OutputOptions& options, BasicModelOutputs<S>& outputs) {
  check_batch(batch);
  Step step;
  step.batch = &batch;
  step.outputs = &outputs;
  step.keep = options;
  noisy_ = false;
  prepare(batch, false);
  const std::size_t map =
      batch.tokens.size() * static_cast<std::size_t>(a_.config.heads) * static_cast<std::size_t>(batch.length);
  const auto size = [&](std::vector<std::vector<S>>& maps, bool wanted) {
    maps.resize(wanted ? a_.blocks.size() : 0);
    for (auto& m : maps) m.resize(map);
  };
  size(outputs.attention, options.attention);
  size(outputs.raw_products, options.raw_products);
  outputs.logits.resize(store_.logits.size());
  run_forward(step);
}

template <typename S>
void Decoder<S>::start_scales(const Batch& batch) {
  if (!quant_) return;
  started_ = false;
  starting_ = true;
  try {
    start_weights();
    BasicModelOutputs<S> outputs;
    forward(batch, {}, outputs);
  } catch (...) {
    starting_ = false;
    throw;
  }
  for (const auto& [index, value] : presets_) *parameters_.value(index) = value;
  starting_ = false;
  started_ = true;
}

template <typename S>
void Decoder<S>::to_grid(std::ptrdiff_t alpha, const S* x, std::ptrdiff_t ldx, int rows, int cols, Grid<S> grid, S* y,
                         std::ptrdiff_t ldy) const {
  if (noisy_) {
    noise_round(x, ldx, rows, cols, grid, noise_salt(batch_number_, static_cast<std::size_t>(alpha)), y, ldy);
  } else {
    k_.round(x, ldx, rows, cols, grid, y, ldy);
  }
}

template <typename S>
void Decoder<S>::to_grid_back(std::ptrdiff_t alpha, S* x, std::ptrdiff_t ldx, const S* gy, std::ptrdiff_t ldg, int rows,
                              int cols, Grid<S> grid, S* gx, std::ptrdiff_t ldgx, bool store, GridSums* sums) const {
  if (noisy_) {
    const std::uint32_t salt = noise_salt(batch_number_, static_cast<std::size_t>(alpha));
    noise_round_back(x, ldx, gy, ldg, rows, cols, grid, salt, gx, ldgx, store, sums);
  } else if (quant_->clipping_gradient && parameters_.info(static_cast<std::size_t>(alpha)).trainable) {
    clipping_round_back(x, ldx, gy, ldg, rows, cols, grid, gx, ldgx, store, sums);
  } else {
    k_.round_back(x, ldx, gy, ldg, rows, cols, grid, gx, ldgx, store, sums);
  }
}

template <typename S>
void Decoder<S>::run_forward(Step& step) {
  round_weights();
  workers_.run(tasks_,
               [&](int task, int worker) { forward_rows(step, rows_of(task), scratch_[static_cast<std::size_t>(worker)]); });
}

template <typename S>
void Decoder<S>::run_backward(Step& step) {
  order_tokens(*step.batch);
  if (residual_gradients_ != nullptr) {
    residual_gradients_->assign(a_.blocks.size(), std::vector<S>(store_.grad_residual.size()));
  }
  fresh_ = parameters_.gradients_are_zero();
  parameters_.set_gradients_are_zero(false);
  // What earlier batches left is added at the end as a whole: several batches add up to the same bits as several ranks.
  S* vectors = parameters_.gradients() + a_.matrix_elements;
  const std::vector<S> before(vectors, parameters_.gradients() + parameters_.size());
  std::fill(vectors, vectors + before.size(), S{0});
  task_done_.assign(weight_tasks_.size(), false);
  announced_ = 0;
  workers_.run(tasks_,
               [&](int task, int worker) { backward_rows(step, rows_of(task), scratch_[static_cast<std::size_t>(worker)]); });
  std::vector<GridSums> sums(weight_tasks_.size());
  workers_.run(static_cast<int>(weight_tasks_.size()), [&](int task, int worker) {
    const auto i = static_cast<std::size_t>(task);
    weight_gradient(weight_tasks_[i], scratch_[static_cast<std::size_t>(worker)].weight, sums[i]);
    if (listener_) announce_matrices(i);
  });
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const WeightTask& task = weight_tasks_[i];
    if (task.kind == WeightKind::kPositions) continue;
    const WeightPart& part = task.linear == nullptr ? a_.embedding : task.linear->parts[task.part];
    if (part.alpha < 0 || !parameters_.info(static_cast<std::size_t>(part.alpha)).trainable) continue;
    const auto elements = static_cast<double>(parameters_.info(part.parameter).size);
    *parameters_.gradient(static_cast<std::size_t>(part.alpha)) +=
        static_cast<S>(sums[i].scale * scale_gradient_factor(quant_->scale_gradient, elements, (1 << (part.bits - 1)) - 1));
  }
  reduce_sums(step.losses->parts);
  k_.add_scaled(vectors, before.data(), before.size(), S{1});
  if (listener_) listener_(a_.matrix_elements, parameters_.size() - a_.matrix_elements);
}

/// After a weight task: announces the matrices that are complete, in the order of their tasks.
template <typename S>
void Decoder<S>::announce_matrices(std::size_t task) {
  const auto parameter = [&](std::size_t i) {
    const WeightTask& t = weight_tasks_[i];
    if (t.kind == WeightKind::kPositions) return static_cast<std::size_t>(a_.positions);
    return t.linear == nullptr ? a_.embedding.parameter : t.linear->parts[t.part].parameter;
  };
  const std::lock_guard<std::mutex> lock(announcing_);
  task_done_[task] = true;
  for (std::size_t end = announced_; end < weight_tasks_.size() && task_done_[end];) {
    const std::size_t matrix = parameter(announced_);
    if (++end < weight_tasks_.size() && parameter(end) == matrix) continue;
    listener_(parameters_.info(matrix).offset, parameters_.info(matrix).size);
    announced_ = end;
  }
}

template <typename S>
void Decoder<S>::reduce_sums(int parts) {
  S* vectors = parameters_.gradients() + a_.matrix_elements;
  for (const SequenceSums<S>& s : sums_) k_.add_scaled(vectors, s.vectors.data(), s.vectors.size(), S{1});
  if (!quant_) return;
  const auto& c = a_.config;
  const double rows = static_cast<double>(store_.sequences) * store_.length * parts;
  const double columns[kBlockSites] = {static_cast<double>(c.hidden_size),
                                       static_cast<double>(c.q_size()),
                                       static_cast<double>(c.kv_size()),
                                       static_cast<double>(c.kv_size()),
                                       static_cast<double>(c.heads) * store_.length,
                                       static_cast<double>(c.q_size()),
                                       static_cast<double>(c.hidden_size),
                                       static_cast<double>(c.intermediate_size)};
  for (std::size_t i = 0; i <= a_.blocks.size() * kBlockSites; ++i) {
    SiteSums site_total{};
    for (const SequenceSums<S>& s : sums_) {
      for (std::size_t g = 0; g < 2; ++g) {
        site_total[g].scale += s.sites[i][g].scale;
        site_total[g].zero += s.sites[i][g].zero;
      }
    }
    const bool last = i == a_.blocks.size() * kBlockSites;
    const SiteState& site = last ? a_.head_input : a_.blocks[i / kBlockSites].sites[i % kBlockSites];
    add_site_gradients(site, site_total, rows * (last ? c.hidden_size : columns[i % kBlockSites]), *quant_, parameters_);
  }
}

template class Decoder<float>;
template class Decoder<double>;

}  // namespace squat::qat
