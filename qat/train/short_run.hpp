// SPDX-License-Identifier: Apache-2.0
// A training loop in memory, for runs of a minute: no files, no resuming, one process. train() is the one for models to keep.
#pragma once

#include <cstdint>
#include <functional>

#include "qat/model/language_model.hpp"
#include "qat/optim/adamw.hpp"
#include "qat/optim/blocks.hpp"
#include "qat/optim/schedule.hpp"
#include "qat/train/teachers.hpp"

namespace squat::qat {

struct ShortRunOptions {
  std::int64_t steps = 100;
  Schedule schedule;  ///< total is set to `steps`
  AdamWOptions optimiser;
  double clip = 1.0;  ///< largest gradient norm; 0 = no limit
  LossOptions losses;
  std::function<void(int done, int total)> progress;
};

/// Trains `model`, whose scales have started, on batch(0), batch(1), .. Throws kCheckFailed when a loss or gradient is no
/// finite number. Returns the mean loss of the last tenth of the steps (at least one); 0 without steps.
double short_run(LanguageModel& model, const std::function<Batch(std::int64_t step)>& batch, Teachers& teachers,
                 const ShortRunOptions& options);

}  // namespace squat::qat
