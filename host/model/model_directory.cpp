// SPDX-License-Identifier: Apache-2.0
#include "host/model/model_directory.hpp"

#include <utility>

#include "host/model/error.hpp"
#include "host/model/integer_files.hpp"
#include "host/model/json_file.hpp"
#include "host/model/output_file.hpp"
#include "host/model/tokenizer.hpp"

namespace squat::model {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxTokenizer = 64u << 20;
constexpr const char* kTask = "task.json";

void copy_companions(const fs::path& source, const fs::path& target, std::string_view task) {
  if (!task.empty()) write_text_file(target / kTask, task);
  if (source.empty()) return;
  const fs::path vocabulary = Tokenizer::find(source);
  if (!vocabulary.empty() && vocabulary.extension() != ".json") {
    copy_small_file(vocabulary, target / "tokenizer.model", kMaxTokenizer);
  }
  std::error_code ignored;
  for (const char* name : {"generation_config.json", "tokenizer.json", "tokenizer_config.json", kTask}) {
    if (name == kTask && !task.empty()) continue;
    if (fs::exists(source / name, ignored)) copy_small_file(source / name, target / name, kMaxTokenizer);
  }
}

}  // namespace

LoadedModel load_model_directory(const fs::path& directory) {
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) {
    throw input_error(directory.string() + ": expected a model directory with config.json and model.safetensors, found " +
                      (fs::exists(directory, ignored) ? "a file" : "nothing") + "; check the path");
  }
  const nlohmann::json json = read_json_object(directory / "config.json");
  const auto quantization = json.find("quantization_config");
  if (quantization != json.end() && !quantization->is_null()) return {directory, read_integer_model(directory)};
  return {directory, read_float_model(directory)};
}

IntegerModel load_integer_model(const fs::path& directory) {
  LoadedModel loaded = load_model_directory(directory);
  if (loaded.integer() == nullptr) {
    throw usage_error(directory.string() + " holds a floating-point model; make an integer one first: squat quantize --model " +
                      directory.string() + " --calib TEXT --out DIR");
  }
  return std::get<IntegerModel>(std::move(loaded.model));
}

void write_model_directory(const IntegerModel& model, const fs::path& target, const fs::path& source, std::string_view task) {
  StagedDirectory staged(target);
  write_integer_model(model, staged.path());
  copy_companions(source, staged.path(), task);
  staged.commit();
}

void write_model_directory(const FloatModel& model, const fs::path& target, const fs::path& source, StoredAs stored,
                           std::string_view task) {
  StagedDirectory staged(target, ModelKind::kFloat);
  write_float_model(model, staged.path(), stored);
  copy_companions(source, staged.path(), task);
  staged.commit();
}

}  // namespace squat::model
