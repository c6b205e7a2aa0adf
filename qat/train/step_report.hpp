// SPDX-License-Identifier: Apache-2.0
// What is known about one step: a row of the logs, a line on the terminal.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace squat::qat {

struct StepReport {
  std::int64_t step = 0;                                           ///< steps done, this one included
  std::uint64_t tokens = 0;                                        ///< tokens trained on since the very start
  double loss = 0, ce = 0, kl = 0, entropy = 0, distribution = 0;  ///< see BatchResult; means over accumulated batches
  double rate = 0;                                                 ///< learning rate
  double gradient_norm = 0;                                        ///< before clipping
  double eight_bit_share = 1;
  double tokens_per_second = 0;                                  ///< since this process started, by the wall clock
  double seconds = 0;                                            ///< since this process started
  double perplexity = std::numeric_limits<double>::quiet_NaN();  ///< on validation text; NaN in steps without validation
  std::optional<double> accuracy;  ///< on validation examples of a task, NaN in steps without; unset in runs on text
};

/// Fields in the order of the columns; NaN becomes null.
nlohmann::ordered_json to_json(const StepReport& report);

}  // namespace squat::qat
