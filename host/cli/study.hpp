// SPDX-License-Identifier: Apache-2.0
// What the studies of squat analyze have in common: a floating-point model, a text to measure on and one to calibrate on.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/analyze/perplexities.hpp"
#include "host/analyze/rounding.hpp"
#include "host/cli/cli11_fwd.hpp"
#include "host/cli/command.hpp"
#include "host/model/float_model.hpp"

namespace squat::cli {

struct StudyFlags {
  std::string model, text, calibration;
  int window = 128, max_windows = 16, calibration_windows = 32;
  int weight_bits = 4;
  int activation_bits = 4;
};

/// --model, --text, --calib, --window, --max-windows, --calib-windows, --weight-bits.
void add_study_options(CLI::App& command, StudyFlags& flags);
/// --activations 8 or 4, for studies of one uniform width.
void add_uniform_option(CLI::App& command, StudyFlags& flags);

struct Study {
  model::FloatModel model;
  analyze::StudyText text;
  std::vector<int> calibration_ids;
  quantize::CalibrationOptions calibration;

  reference::FakeQuant rounding(const analyze::RoundingOptions& options) const {
    return analyze::calibrated_rounding(model, calibration_ids, options, calibration);
  }
};

/// Reads everything the flags name. Throws usage_error for an integer directory and input_error for too little text.
Study open_study(const StudyFlags& flags, const CommonOptions& common);

/// The fields every study's object begins with: schema "squat.analyze/1", analysis, model, text, calibration, window, windows,
/// weight_bits.
nlohmann::ordered_json study_object(const char* analysis, const StudyFlags& flags, const Study& study);

/// A sub-command of squat analyze.
CLI::App* add_study(CLI::App& analyze, Cli& cli, const std::string& name, const std::string& description,
                    const std::string& flags, std::function<ExitCode()> action);

void add_quality_studies(CLI::App& analyze, Cli& cli);
void add_attention_studies(CLI::App& analyze, Cli& cli);
void add_token_studies(CLI::App& analyze, Cli& cli);
// Only where the trainer was built (SQUAT_HAVE_TRAINER).
void add_loss_study(CLI::App& analyze, Cli& cli);

}  // namespace squat::cli
