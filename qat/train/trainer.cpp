// SPDX-License-Identifier: Apache-2.0
#include "qat/train/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
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
        directory_(options.rank == 0 ? std::optional<RunDirectory>(std::in_place, options.directory) : std::nullopt),
        store_(options.directory / "checkpoints", options.keep),
        optimiser_(model.parameters(), options.optimiser) {
    schedule_.total = options.steps;
    losses_.gradient_scale = 1.0 / (static_cast<double>(options.accumulate) * options.ranks);
    state_.configuration = options.configuration;
    state_.seed = options.seed;
  }

  TrainResult train() {
    // Also before resuming: what a quantiser learns from its first batch besides its scales is not in the checkpoint.
    // The same windows for any number of ranks.
    model_.start_scales(data_.windows(0, data_.sequences() * options_.ranks));
    result_.resumed = store_.load_latest(model_.parameters(), optimiser_, state_, warn()) ? state_.step : 0;
    result_.last.step = state_.step;
    if (options_.use_thresholds && state_.extra.contains(kThresholds)) {
      options_.use_thresholds(state_.extra.at(kThresholds).get<std::vector<std::uint32_t>>());
    }
    if (options_.rank == 0) log_.emplace(options_.directory, state_.step);
    model_.parameters().zero_gradients();
    begin_ = Clock::now();
    while (state_.step < options_.steps && !result_.interrupted) {
      one_step();
      result_.interrupted = state_.step < options_.steps && options_.stop && options_.stop();
      const bool due = options_.checkpoint_every > 0 && state_.step % options_.checkpoint_every == 0;
      if (due || result_.interrupted || state_.step == options_.steps) save();
    }
    if (options_.steps == 0) refresh_thresholds();
    if (options_.steps == 0 && options_.validate) result_.last.perplexity = options_.validate();
    result_.seconds = elapsed();
    return result_;
  }

 private:
  std::function<void(const std::string&)> warn() {
    if (options_.warn) return options_.warn;
    return [this](const std::string& text) { console_.say(("warning: " + text).c_str()); };
  }

  double elapsed() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  void one_step() {
    StepReport report;
    report.rate = schedule_.rate(state_.step);
    report.eight_bit_share = 0;
    for (int i = 0; i < options_.accumulate; ++i) add_batch(report);
    if (options_.sum_over_ranks) {
      options_.sum_over_ranks(model_.parameters().gradients(), model_.parameters().size());
    }
    report.gradient_norm = gradient_norm(model_.parameters(), options_.for_each);
    report.step = state_.step + 1;
    if (!std::isfinite(report.loss) || !std::isfinite(report.gradient_norm)) throw diverged(report);
    optimiser_.step(model_.parameters(), report.rate, clip_factor(report.gradient_norm, options_.clip), options_.for_each);
    ++state_.step;
    if (state_.step == options_.steps || state_.step % options_.thresholds_every == 0) refresh_thresholds();
    finish(report);
  }

  /// Gradients of the next batch; its losses as a share of the step's.
  void add_batch(StepReport& report) {
    const Batch batch = data_.batch(state_.batches++, options_.rank, options_.ranks);
    const TeacherSignals* signals = teachers_.run(batch, losses_);
    const BatchResult r = model_.forward_backward(batch, losses_, signals, true);
    const double share = 1.0 / options_.accumulate;
    report.loss += r.finite ? share * r.total : std::nan("");
    report.ce += share * r.ce;
    report.kl += share * r.kl;
    report.entropy += share * r.entropy;
    report.distribution += share * r.distribution;
    report.eight_bit_share += share * r.eight_bit_share;
  }

  void finish(StepReport& report) {
    const double per_step =
        static_cast<double>(data_.tokens_per_batch()) * static_cast<double>(options_.accumulate) * options_.ranks;
    report.tokens = static_cast<std::uint64_t>(per_step * static_cast<double>(state_.step));
    report.seconds = elapsed();
    report.tokens_per_second = per_step * static_cast<double>(state_.step - result_.resumed) / std::max(1e-9, report.seconds);
    const bool validate =
        state_.step == options_.steps || (options_.validate_every > 0 && state_.step % options_.validate_every == 0);
    if (options_.validate && validate) report.perplexity = options_.validate();
    if (log_) log_->add(report);
    if (options_.rank == 0) console_.show(report, result_.resumed, options_.steps);
    result_.last = report;
  }

  void refresh_thresholds() {
    if (!options_.measure_thresholds) return;
    const std::vector<std::uint32_t> thresholds = options_.measure_thresholds();
    options_.use_thresholds(thresholds);
    state_.extra[kThresholds] = thresholds;
  }

  void save() {
    if (options_.rank == 0) store_.save(model_.parameters(), optimiser_, state_);
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
  std::optional<RunDirectory> directory_;
  CheckpointStore store_;
  AdamW optimiser_;
  RunState state_;
  std::optional<TrainLog> log_;
  Console console_;
  TrainResult result_;
  Clock::time_point begin_;
};

}  // namespace

TrainResult train(LanguageModel& model, const BatchSource& data, Teachers& teachers, const TrainOptions& options) {
  return Run(model, data, teachers, options).train();
}

}  // namespace squat::qat
