// SPDX-License-Identifier: Apache-2.0
// log.csv and log.jsonl of a run: one row per step, no row twice however often the run was interrupted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>

#include "qat/train/step_report.hpp"

namespace squat::qat {

class TrainLog {
 public:
  /// Continues the logs in `directory` after `step`: rows of later steps, left by a run that died after its last checkpoint,
  /// and a torn last row are removed. `columns`: a report with the fields of this run. Throws input_error when they cannot be
  /// written.
  TrainLog(const std::filesystem::path& directory, std::int64_t step, const StepReport& columns = {});

  void add(const StepReport& report);

 private:
  std::filesystem::path csv_path_, json_path_;
  std::ofstream csv_, json_;
};

}  // namespace squat::qat
