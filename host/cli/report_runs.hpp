// SPDX-License-Identifier: Apache-2.0
// What squat report runs itself when it is given no result of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/cli/command.hpp"
#include "host/model/model_directory.hpp"
#include "host/report/view.hpp"

namespace squat::cli {

struct ReportRuns {
  std::string model, shape;       ///< a directory, or the name of a shape; tiny when both are empty
  std::string calibration, text;  ///< files; empty: no quantising here, no perplexity
  std::string prompt = "Once upon a time";
  int max_windows = 16;  ///< of 128 tokens of the text
};

/// Latency of the shape on the cpu and predicted for every configuration of the accelerator.
report::Result run_compare(const CommonOptions& common, const ReportRuns& runs);

/// The predicted profile of the accelerator's first configuration, W4A8.
report::Result run_profile(const CommonOptions& common, const ReportRuns& runs);

/// Perplexity on the text on the cpu: of an integer model; of a floating-point one and of its quantisation to every column of
/// the paper's table.
std::vector<report::Result> run_evals(const CommonOptions& common, const ReportRuns& runs, const model::LoadedModel& loaded);

/// The prompt and its continuation on the cpu: by an integer model, or a floating-point one quantised to W4 and half 4-bit
/// tokens.
report::Result run_generate(const CommonOptions& common, const ReportRuns& runs, const model::LoadedModel& loaded);

}  // namespace squat::cli
