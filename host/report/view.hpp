// SPDX-License-Identifier: Apache-2.0
// What the report shows, from results of other commands. Files are written by anyone: every field that is used is checked here.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace squat::report {

/// A result and where it comes from: a file's name, or the command that made it.
struct Result {
  std::string from;
  nlohmann::json object;
};

struct Inputs {
  std::vector<Result> compare, profile;       ///< at most one each
  std::vector<Result> analyze, evals, texts;  ///< squat.analyze/1, squat.eval/1, squat.generate/1
};

/// Reads a result of at most 64 MiB. Throws input_error when it is not of this schema ("squat.compare/1") or a field that the
/// report draws has another type.
Result read_result(const std::string& file, const std::string& schema);

/// The same checks on a result that was made here.
void check_result(const Result& result, const std::string& schema);

/// The object that host/report/assets draws: compare rows with "label" and "setting", "quality", "profile" with its timeline,
/// "texts", "evals", "analyze", and "commands": how each result was made.
nlohmann::json view_of(const Inputs& inputs);

}  // namespace squat::report
