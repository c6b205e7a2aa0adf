// SPDX-License-Identifier: Apache-2.0
// squat inspect: what a model directory or another file of squat's holds. Everything is read and checked on the way, so a bad
// one ends with exit code 3.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

#include "host/cli/command.hpp"
#include "host/cli/describe_file.hpp"
#include "host/cli/open_model.hpp"
#include "host/model/integer_tensors.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/safetensors.hpp"
#include "host/model/tokenizer.hpp"
#include "host/model/width_names.hpp"

namespace squat::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Scale and largest code of every integer matrix, by the name of its code tensor.
struct MatrixSummary {
  struct Entry {
    double scale;
    int bits;
    int largest_code;
  };
  std::map<std::string, Entry> entries;

  void matrix(const std::string& name, const model::IntMatrix& m, const model::MatrixForm&) {
    int largest = 0;
    for (const std::int8_t code : m.codes) largest = std::max(largest, std::abs(code));
    entries[name + ".qweight"] = {m.scale, m.bits, largest};
  }
  template <typename... Arguments>
  void norm(const Arguments&...) {}
  template <typename... Arguments>
  void requant(const Arguments&...) {}
  template <typename... Arguments>
  void integer(const Arguments&...) {}
  template <typename... Arguments>
  void rope_step(const Arguments&...) {}
  template <typename... Arguments>
  void norm_eps(const Arguments&...) {}
  template <typename... Arguments>
  void real(const Arguments&...) {}
};

Json tensors_of(const fs::path& directory, const MatrixSummary& matrices, std::uint64_t& bytes) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Json rows = Json::array();
  for (const fs::path& path : files) {
    const model::SafetensorsFile file(path);
    for (const model::TensorInfo& tensor : file.tensors()) {
      Json row = {{"name", tensor.name},
                  {"dtype", model::dtype_name(tensor.dtype)},
                  {"shape", tensor.shape},
                  {"bytes", tensor.end - tensor.begin}};
      const auto matrix = matrices.entries.find(tensor.name);
      if (matrix != matrices.entries.end()) {
        row["bits"] = matrix->second.bits;
        row["scale"] = matrix->second.scale;
        row["largest_code"] = matrix->second.largest_code;
      }
      bytes += tensor.end - tensor.begin;
      rows.push_back(row);
    }
  }
  return rows;
}

std::uint64_t parameters_of(const model::ModelConfig& c) {
  const auto n = [](int value) { return static_cast<std::uint64_t>(value); };
  const std::uint64_t h = n(c.hidden_size), m = n(c.intermediate_size);
  const std::uint64_t tables = n(c.vocab_size) * h * (c.tied ? 1 : 2);
  // GPT-2: positions, a bias beside every matrix, offsets beside every gain.
  if (c.gpt2()) return tables + n(c.max_positions) * h + n(c.layers) * (4 * h * h + 4 * h + 2 * h * m + m + h + 4 * h) + 2 * h;
  return tables + n(c.layers) * h * (2 * n(c.q_size()) + 2 * n(c.kv_size()) + 3 * m + 2) + h;
}

ExitCode inspect(const CommonOptions& common, const std::string& directory) {
  const model::LoadedModel loaded = model::load_model_directory(directory);
  const model::ModelConfig& c = loaded.config();
  Json object = {
      {"schema", "squat.inspect/1"}, {"model", directory}, {"kind", loaded.real() != nullptr ? "floating point" : "integer"}};
  object["config"] = {{"model_type", c.model_type},
                      {"vocab_size", c.vocab_size},
                      {"hidden_size", c.hidden_size},
                      {"intermediate_size", c.intermediate_size},
                      {"layers", c.layers},
                      {"heads", c.heads},
                      {"kv_heads", c.kv_heads},
                      {"head_dim", c.head_dim},
                      {"max_positions", c.max_positions},
                      {c.gpt2() ? "layer_norm_epsilon" : "rms_norm_eps", c.rms_norm_eps},
                      {"tied", c.tied},
                      {"bos_id", c.bos_id},
                      {"eos_id", c.eos_id}};
  if (!c.gpt2()) object["config"]["rope_theta"] = c.rope_theta;
  MatrixSummary matrices;
  if (const model::IntegerModel* m = loaded.integer()) {
    const model::WidthPolicy& widths = m->widths;
    object["quantization"] = {
        {"weight_bits", m->weight_bits},
        {"activations", model::activations_name(widths.activations)},
        {"rho", model::rho_of(widths)},
        {"rule", widths.activations == model::Activations::kMixed ? Json(model::rule_name(widths.rule)) : Json()},
        {"thresholds", widths.thresholds},
        {"logit_scale", m->logit_scale}};
    model::for_each_integer_tensor(*m, matrices);
  }
  const fs::path vocabulary = model::Tokenizer::find(directory);
  if (!vocabulary.empty()) model::Tokenizer(directory, c);  // throws when the two do not belong together
  object["tokenizer"] = vocabulary.empty() ? Json() : Json(vocabulary.filename().string());
  object["parameters"] = parameters_of(c);
  std::uint64_t bytes = 0;
  Json tensors = tensors_of(directory, matrices, bytes);
  object["tensor_bytes"] = bytes;
  object["tensors"] = std::move(tensors);
  print_result(object, common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_inspect(CLI::App& app, Cli& cli) {
  struct Inputs {
    std::string directory, file;
  };
  auto in = std::make_shared<Inputs>();
  CLI::App* command = add_command(
      app, cli, "inspect",
      "Check what squat reads and writes, and list what it holds.\n"
      "A model directory: configuration, tensors, sizes (bytes) and scales. A device program (*.xclbin): UUID, platform, "
      "sections, memories, compute units, arguments with their registers, clocks (MHz), signature, manifest, and what "
      "keeps this program from driving it. Also a vocabulary (tokenizer.json, *.model), a checkpoint or a run of squat "
      "train and qat, its log.jsonl, and what squat printed with --format json (of a profile: cycles, busy units and stalls).",
      "squat inspect --model models/tales/fp32\n  squat inspect tiny.run\n  squat inspect build/release/sim/squat.xclbin",
      [&cli, in] {
        if (in->directory.empty() == in->file.empty()) {
          throw usage_error("squat inspect: expected either --model DIR or a file, found " +
                            std::string(in->file.empty() ? "neither" : "both"));
        }
        if (in->file.empty()) return inspect(cli.common, in->directory);
        print_result(describe_file(in->file), cli.common.format);
        return ExitCode::kOk;
      });
  add_model_option(*command, in->directory, "model directory, integer or floating point (default: FILE instead)")
      ->required(false);
  command->add_option("file", in->file, "device program, vocabulary, checkpoint, run, log or result")->type_name("FILE");
}

}  // namespace squat::cli
