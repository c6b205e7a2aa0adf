// SPDX-License-Identifier: Apache-2.0
#include "qat/train/train_log.hpp"

#include <cmath>
#include <cstdlib>
#include <string>

#include "host/model/error.hpp"
#include "host/model/output_file.hpp"

namespace squat::qat {
namespace {

namespace fs = std::filesystem;

Error cannot_write(const fs::path& path) {
  return input_error(path.string() + ": cannot write; check free space and permissions");
}

Error cannot_read(const fs::path& path) { return input_error(path.string() + ": cannot read; check the disk and permissions"); }

std::string csv_header(const StepReport& columns) {
  std::string text;
  const auto fields = to_json(columns);
  for (const auto& [name, value] : fields.items()) text += (text.empty() ? "" : ",") + name;
  return text + "\n";
}

std::string csv_row(const StepReport& report) {
  std::string text;
  const auto fields = to_json(report);
  for (const auto& [name, value] : fields.items()) text += (text.empty() ? "" : ",") + (value.is_null() ? "" : value.dump());
  return text + "\n";
}

/// Step of a row: every row starts with the number, after `prefix`. -1 for other lines.
std::int64_t step_of(const std::string& line, const std::string& prefix) {
  if (line.compare(0, prefix.size(), prefix) != 0) return -1;
  const char* begin = line.c_str() + prefix.size();
  char* end = nullptr;
  const long long step = std::strtoll(begin, &end, 10);
  return end != begin && *end == ',' ? step : -1;
}

/// The header and the complete rows up to `step`, written back if that is not all there is.
void trim(const fs::path& path, const std::string& header, const std::string& prefix, std::int64_t step) {
  std::ifstream in(path, std::ios::binary);
  std::error_code unknown;
  if (!in.is_open() && (fs::exists(path, unknown) || unknown)) throw cannot_read(path);
  std::string kept = header, line, all;
  bool complete = true;
  while (std::getline(in, line)) {
    complete = !in.eof();  // otherwise the last line has no end: it was torn
    all += line + (complete ? "\n" : "");
    const std::int64_t row = step_of(line, prefix);
    if (complete && row >= 1 && row <= step) kept += line + "\n";
  }
  if (in.bad()) throw cannot_read(path);  // what was read must not replace what could not be
  if (kept != all) model::write_text_file(path, kept);
}

}  // namespace

nlohmann::ordered_json to_json(const StepReport& r) {
  using Json = nlohmann::ordered_json;
  const auto number = [](double value) { return std::isnan(value) ? Json(nullptr) : Json(value); };
  Json object = {{"step", r.step},
                 {"tokens", r.tokens},
                 {"loss", r.loss},
                 {"ce", r.ce},
                 {"kl", r.kl},
                 {"entropy", r.entropy},
                 {"distribution", r.distribution},
                 {"learning_rate", r.rate},
                 {"gradient_norm", r.gradient_norm},
                 {"eight_bit_share", r.eight_bit_share},
                 {"tokens_per_second", r.tokens_per_second},
                 {"seconds", r.seconds},
                 {"perplexity", number(r.perplexity)}};
  if (r.accuracy) object["accuracy"] = number(*r.accuracy);
  return object;
}

TrainLog::TrainLog(const fs::path& directory, std::int64_t step, const StepReport& columns)
    : csv_path_(directory / "log.csv"), json_path_(directory / "log.jsonl") {
  trim(csv_path_, csv_header(columns), "", step);
  trim(json_path_, "", "{\"step\":", step);
  csv_.open(csv_path_, std::ios::app | std::ios::binary);
  json_.open(json_path_, std::ios::app | std::ios::binary);
  if (!csv_) throw cannot_write(csv_path_);
  if (!json_) throw cannot_write(json_path_);
}

void TrainLog::add(const StepReport& report) {
  csv_ << csv_row(report) << std::flush;
  json_ << to_json(report).dump() << '\n' << std::flush;
  if (!csv_) throw cannot_write(csv_path_);
  if (!json_) throw cannot_write(json_path_);
}

}  // namespace squat::qat
