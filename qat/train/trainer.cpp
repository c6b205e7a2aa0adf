// SPDX-License-Identifier: Apache-2.0
#include "qat/train/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <optional>

#include "host/model/error.hpp"
#include "qat/checkpoint/checkpoint.hpp"
#include "qat/optim/gradient_norm.hpp"
#include "qat/train/console.hpp"
#include "qat/train/run_directory.hpp"
#include "qat/train/train_log.hpp"

namespace squat::qat {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kThresholds = "thresholds";

class Run {
 public:
  Run(LanguageModel& model, const BatchSource& data, Teachers& teachers, const TrainOptions& options)
      : model_(model),
        data_(data),
        teachers_(teachers),
        options_(options),
        schedule_(options.schedule),
        losses_(options.losses),
        ranks_(options.ranks == nullptr ? alone_ : *options.ranks),
        directory_(ranks_.rank() == 0 ? std::optional<RunDirectory>(std::in_place, options.directory) : std::nullopt),
        store_(options.directory / "checkpoints", options.keep),
        optimiser_(model.parameters(), options.optimiser) {
    schedule_.total = options.steps;
    losses_.parts = options.accumulate * ranks_.size();
    losses_.gradient_scale = 1.0 / losses_.parts;
    state_.configuration = options.configuration;
    state_.seed = options.seed;
  }

  TrainResult train() {
    // Also before resuming: what a quantiser learns from its first batch besides its scales is not in the checkpoint.
    // The first step's sequences, the same for any number of ranks; a few are enough.
    model_.start_scales(data_.first_sequences(std::max(data_.sequences(), std::min(32, data_.sequences() * losses_.parts))));
    if (options_.after_start) options_.after_start();
    result_.resumed = store_.load_latest(model_.parameters(), optimiser_, state_, warn()) ? state_.step : 0;
    result_.last.step = state_.step;
    if (options_.use_thresholds && state_.extra.contains(kThresholds)) {
      options_.use_thresholds(state_.extra.at(kThresholds).get<std::vector<std::uint32_t>>());
    }
    if (ranks_.rank() == 0) log_.emplace(options_.directory, state_.step, report_of_run());
    model_.parameters().zero_gradients();
    begin_ = Clock::now();
    while (state_.step < options_.steps && !result_.interrupted) {
      one_step();
      result_.interrupted = state_.step < options_.steps && stop_;
      const bool due = options_.checkpoint_every > 0 && state_.step % options_.checkpoint_every == 0;
      if (due || result_.interrupted || state_.step == options_.steps) save();
    }
    if (options_.steps == 0) refresh_thresholds();
    if (options_.steps == 0) validate(result_.last);
    ranks_.wait_for_all();  // files of rank 0 are complete
    result_.seconds = elapsed();
    result_.exchange_seconds = ranks_.exchange_seconds();
    result_.waited_seconds = ranks_.waited_seconds();
    return result_;
  }

 private:
  std::function<void(const std::string&)> warn() {
    if (options_.warn) return options_.warn;
    return [this](const std::string& text) { console_.say(("warning: " + text).c_str()); };
  }

  double elapsed() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  StepReport report_of_run() const {
    StepReport report;
    if (options_.with_accuracy) report.accuracy = std::nan("");
    return report;
  }

  void validate(StepReport& report) {
    if (!options_.validate || ranks_.rank() != 0) return;
    const Validation found = options_.validate();
    report.perplexity = found.perplexity;
    if (options_.with_accuracy) report.accuracy = found.accuracy;
  }

  void one_step() {
    StepReport report = report_of_run();
    report.rate = schedule_.rate(state_.step);
    report.eight_bit_share = 0;
    for (int i = 0; i < options_.accumulate; ++i) add_batch(report, i + 1 == options_.accumulate);
    combine(report);
    report.gradient_norm = gradient_norm(model_.parameters(), options_.for_each);
    report.step = state_.step + 1;
    if (!std::isfinite(report.loss) || !std::isfinite(report.gradient_norm)) throw diverged(report);
    optimiser_.step(model_.parameters(), report.rate, clip_factor(report.gradient_norm, options_.clip), options_.for_each);
    ++state_.step;
    if (state_.step == options_.steps || state_.step % options_.thresholds_every == 0) refresh_thresholds();
    finish(report);
  }

  /// Gradients of the next batch; its losses as a share of the step's.
  void add_batch(StepReport& report, bool last) {
    const Batch batch = data_.batch(state_.batches + static_cast<std::uint64_t>(ranks_.rank()));
    state_.batches += static_cast<std::uint64_t>(ranks_.size());
    const TeacherSignals* signals = teachers_.run(batch, losses_);
    announced_ = 0;
    if (last && ranks_.size() > 1) {
      // Matrices travel while the gradients of the next ones are computed.
      model_.on_gradients([this](std::size_t offset, std::size_t count) {
        ranks_.start_sum(model_.parameters().gradients() + offset, count);
        announced_ += count;
      });
    }
    const BatchResult r = model_.forward_backward(batch, losses_, signals, true);
    model_.on_gradients({});
    const double share = 1.0 / losses_.parts;
    report.loss += r.finite ? share * r.total : std::nan("");
    report.ce += share * r.ce;
    report.kl += share * r.kl;
    report.entropy += share * r.entropy;
    report.distribution += share * r.distribution;
    report.eight_bit_share += share * r.eight_bit_share;
  }

  /// Sums of gradients, losses and the wish to stop over the ranks: all of them then do the same.
  void combine(StepReport& report) {
    stop_ = options_.stop && options_.stop();
    if (ranks_.size() == 1) return;
    ParameterSet& parameters = model_.parameters();
    if (announced_ == 0) ranks_.start_sum(parameters.gradients(), parameters.size());
    ranks_.finish_sums();
    double sums[] = {report.loss,      report.ce, report.kl, report.entropy, report.distribution, report.eight_bit_share,
                     stop_ ? 1.0 : 0.0};
    ranks_.sum(sums, std::size(sums));
    report.loss = sums[0];
    report.ce = sums[1];
    report.kl = sums[2];
    report.entropy = sums[3];
    report.distribution = sums[4];
    report.eight_bit_share = sums[5];
    stop_ = sums[6] > 0;
  }

  void finish(StepReport& report) {
    const double per_step = data_.tokens_per_batch() * losses_.parts;
    report.tokens = static_cast<std::uint64_t>(per_step * static_cast<double>(state_.step));
    report.seconds = elapsed();
    report.tokens_per_second = per_step * static_cast<double>(state_.step - result_.resumed) / std::max(1e-9, report.seconds);
    const bool due =
        state_.step == options_.steps || (options_.validate_every > 0 && state_.step % options_.validate_every == 0);
    if (due) validate(report);
    if (log_) log_->add(report);
    if (ranks_.rank() == 0) console_.show(report, result_.resumed, options_.steps);
    result_.last = report;
  }

  void refresh_thresholds() {
    if (!options_.measure_thresholds) return;
    const std::vector<std::uint32_t> thresholds = options_.measure_thresholds();
    options_.use_thresholds(thresholds);
    state_.extra[kThresholds] = thresholds;
  }

  void save() {
    if (ranks_.rank() == 0) store_.save(model_.parameters(), optimiser_, state_);
  }

  Error diverged(const StepReport& report) const {
    const std::vector<std::int64_t> steps = store_.steps();
    const bool loss = !std::isfinite(report.loss);
    return Error(ExitCode::kCheckFailed,
                 "step " + std::to_string(report.step) + ": the " + (loss ? "loss" : "gradient") +
                     " is no finite number any more; nothing of this step was kept. " +
                     (steps.empty() ? std::string("There is no checkpoint yet")
                                    : "The last good checkpoint is " + store_.path_of(steps.front()).string()) +
                     "; start again with a lower learning rate, a longer warm-up or stronger clipping");
  }

  LanguageModel& model_;
  const BatchSource& data_;
  Teachers& teachers_;
  const TrainOptions& options_;
  Schedule schedule_;
  LossOptions losses_;
  Ranks alone_;
  Ranks& ranks_;
  std::optional<RunDirectory> directory_;
  CheckpointStore store_;
  AdamW optimiser_;
  RunState state_;
  std::optional<TrainLog> log_;
  Console console_;
  std::size_t announced_ = 0;  ///< gradients whose sums the model started
  bool stop_ = false;
  TrainResult result_;
  Clock::time_point begin_;
};

}  // namespace

TrainResult train(LanguageModel& model, const BatchSource& data, Teachers& teachers, const TrainOptions& options) {
  return Run(model, data, teachers, options).train();
}

}  // namespace squat::qat
