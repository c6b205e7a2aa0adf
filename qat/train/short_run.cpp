// SPDX-License-Identifier: Apache-2.0
#include "qat/train/short_run.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "host/model/error.hpp"
#include "qat/optim/gradient_norm.hpp"

namespace squat::qat {

double short_run(LanguageModel& model, const std::function<Batch(std::int64_t step)>& batch, Teachers& teachers,
                 const ShortRunOptions& options) {
  Schedule schedule = options.schedule;
  schedule.total = options.steps;
  AdamW optimiser(model.parameters(), options.optimiser);
  model.parameters().zero_gradients();
  const std::int64_t counted = std::max<std::int64_t>(1, options.steps / 10);
  double last = 0;
  for (std::int64_t step = 0; step < options.steps; ++step) {
    Batch now = batch(step);
    now.number = static_cast<std::uint64_t>(step);
    const BatchResult result = model.forward_backward(now, options.losses, teachers.run(now, options.losses), true);
    const double norm = gradient_norm(model.parameters());
    if (!result.finite || !std::isfinite(norm)) {
      throw Error(ExitCode::kCheckFailed, "step " + std::to_string(step + 1) + ": the " +
                                              (result.finite ? "gradient" : "loss") +
                                              " is no finite number any more; start again with a lower learning rate");
    }
    optimiser.step(model.parameters(), schedule.rate(step), clip_factor(norm, options.clip));
    if (step >= options.steps - counted) last += result.total / static_cast<double>(counted);
    if (options.progress) options.progress(static_cast<int>(step) + 1, static_cast<int>(options.steps));
  }
  return last;
}

}  // namespace squat::qat
