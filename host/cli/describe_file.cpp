// SPDX-License-Identifier: Apache-2.0
#include "host/cli/describe_file.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "host/cli/inspect_xclbin.hpp"
#include "host/model/error.hpp"
#include "host/model/file_crc.hpp"
#include "host/model/input_file.hpp"
#include "host/model/json_file.hpp"
#include "host/model/safetensors.hpp"
#include "host/model/tokenizer.hpp"
#include "host/report/view.hpp"

namespace squat::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxText = 64u << 20;
constexpr const char* kMarker = "complete";
constexpr const char* kState = "state.safetensors";
constexpr const char* kLog = "log.jsonl";

Json object_of(const fs::path& path, const char* kind) {
  return {{"schema", "squat.inspect/1"}, {"file", path.string()}, {"kind", kind}};
}

Json describe_vocabulary(const fs::path& path) {
  Json object = object_of(path, "vocabulary");
  object["form"] = path.extension() == ".json" ? "byte-level BPE" : "SentencePiece";
  object["pieces"] = model::Tokenizer(path, 1).size();
  object["bytes"] = model::InputFile(path).size();
  return object;
}

Json describe_checkpoint(const fs::path& path) {
  const fs::path state = path / kState;
  const std::string marker = model::read_small_file(path / kMarker, 4096);
  unsigned long long bytes = 0;
  unsigned crc = 0;
  if (std::sscanf(marker.c_str(), "squat checkpoint 1\nstate.safetensors %llu %x", &bytes, &crc) != 2) {
    throw input_error((path / kMarker).string() + ": expected the size and CRC-32 of a checkpoint; it is damaged, use another");
  }
  const model::InputFile file(state);
  if (file.size() != bytes) {
    throw input_error(state.string() + ": expected " + std::to_string(bytes) + " bytes, found " + std::to_string(file.size()) +
                      "; the checkpoint is damaged, use another");
  }
  if (model::crc32_of_file(state) != crc)
    throw input_error(state.string() + ": expected another CRC-32; the checkpoint is damaged, use another");
  const model::SafetensorsFile tensors(state);
  Json object = object_of(path, "checkpoint");
  const auto run = tensors.metadata().find("squat.run");
  if (run != tensors.metadata().end()) {
    const nlohmann::json fields = model::parse_json_object(run->second, state.string() + ": squat.run");
    for (const char* name : {"step", "batches", "seed"}) {
      if (fields.contains(name)) object[name] = fields[name];
    }
  }
  const std::string prefix = "value.";
  std::uint64_t parameters = 0, matrices = 0;
  for (const model::TensorInfo& tensor : tensors.tensors()) {
    if (tensor.name.compare(0, prefix.size(), prefix) != 0) continue;
    parameters += (tensor.end - tensor.begin) / model::dtype_bytes(tensor.dtype);
    ++matrices;
  }
  object["parameters"] = parameters;
  object["tensors"] = matrices;
  object["bytes"] = file.size();
  object["crc32"] = "matches";
  return object;
}

/// Steps of the checkpoints in a folder.
std::vector<std::string> checkpoints_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (fs::exists(entry.path() / kMarker, none)) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Json describe_log(const fs::path& path, const fs::path& log) {
  Json object = object_of(path, "run");
  std::istringstream lines(model::read_small_file(log, kMaxText));
  std::vector<nlohmann::json> rows;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (lines.eof() && !line.empty() && line.back() != '}') break;  // torn when the run died
    const std::string where = log.string() + ":" + std::to_string(number);
    rows.push_back(model::parse_json_object(line, where));
    model::JsonFields(rows.back(), where).real("loss", -1e300, 1e300);
    model::JsonFields(rows.back(), where).integer("step", 0, INT64_MAX);
  }
  object["steps"] = rows.size();
  if (rows.empty()) return object;
  object["last_step"] = rows.back()["step"];
  object["first_loss"] = rows.front()["loss"];
  object["last_loss"] = rows.back()["loss"];
  Json validated = Json::array();
  for (const nlohmann::json& row : rows) {
    if (row.contains("perplexity") && row["perplexity"].is_number()) {
      validated.push_back({{"step", row["step"]}, {"loss", row["loss"]}, {"perplexity", row["perplexity"]}});
    }
  }
  for (const char* name : {"tokens", "tokens_per_second", "seconds"}) {
    if (rows.back().contains(name)) object[name] = rows.back()[name];
  }
  if (!validated.empty()) object["validation"] = validated;
  return object;
}

Json describe_run(const fs::path& path) {
  Json object = describe_log(path, path / kLog);
  object["checkpoints"] = checkpoints_in(path / "checkpoints");
  return object;
}

/// Of each device and phase: the first pass.
Json phases_of(const nlohmann::json& commands) {
  struct Pass {
    std::uint64_t commands = 0, end = 0, weight_stall = 0, drain_stall = 0;
    std::map<std::string, std::uint64_t> busy;
  };
  std::map<std::pair<std::string, std::string>, Pass> passes;
  for (const nlohmann::json& c : commands) {
    if (c["pass"] != 0) continue;
    Pass& pass = passes[{c["device"].get<std::string>(), c["phase"].get<std::string>()}];
    ++pass.commands;
    pass.end = std::max(pass.end, c["end"].get<std::uint64_t>());
    pass.weight_stall += c["weight_stall"].get<std::uint64_t>();
    pass.drain_stall += c["drain_stall"].get<std::uint64_t>();
    pass.busy[c["unit"].get<std::string>()] += c["busy"].get<std::uint64_t>();
  }
  Json rows = Json::array();
  for (const auto& [key, pass] : passes) {
    Json row = {{"device", key.first}, {"phase", key.second}, {"commands", pass.commands}, {"cycles", pass.end}};
    for (const auto& [unit, busy] : pass.busy) {
      row[unit + "_busy"] = pass.end > 0 ? static_cast<double>(busy) / static_cast<double>(pass.end) : 0.0;
    }
    row["weight_stall"] = pass.weight_stall;
    row["drain_stall"] = pass.drain_stall;
    rows.push_back(std::move(row));
  }
  return rows;
}

Json describe_result(const fs::path& path, nlohmann::json result) {
  const std::string schema = result["schema"].is_string() ? result["schema"].get<std::string>() : "";
  Json object = object_of(path, "result");
  object["result"] = schema;
  for (const char* name : {"analysis", "model", "device", "command"}) {
    if (result.contains(name) && result[name].is_string()) object[name] = result[name];
  }
  Json tables = Json::array();
  for (const auto& item : result.items()) {
    if (item.value().is_array()) tables.push_back({{"table", item.key()}, {"rows", item.value().size()}});
  }
  object["tables"] = std::move(tables);
  if (schema != "squat.bench/1" || !result.contains("commands")) return object;
  const report::Result trace = {path.string(), std::move(result)};
  report::check_result(trace, schema);
  object["kind"] = "trace";
  object["first_passes"] = phases_of(trace.object["commands"]);
  return object;
}

}  // namespace

Json describe_file(const fs::path& path) {
  std::error_code none;
  if (fs::is_directory(path, none)) {
    if (fs::exists(path / kMarker, none)) return describe_checkpoint(path);
    if (fs::exists(path / kLog, none)) return describe_run(path);
    throw input_error(path.string() +
                      ": expected a checkpoint or a run of squat train or qat, found neither; models take --model DIR");
  }
  const std::string extension = path.extension().string();
  if (extension == ".xclbin") return describe_xclbin(path.string());
  if (extension == ".jsonl") return describe_log(path, path);
  if (extension == ".model") return describe_vocabulary(path);
  if (extension == ".json") {
    nlohmann::json object = model::parse_json_object(model::read_small_file(path, kMaxText), path.string());
    return object.contains("schema") ? describe_result(path, std::move(object)) : describe_vocabulary(path);
  }
  const model::InputFile readable(path);
  throw input_error(path.string() +
                    ": expected a device program (*.xclbin), a vocabulary (tokenizer.json, *.model), a result (*.json), a log "
                    "(log.jsonl), a checkpoint or a run, found a file of another name; models take --model DIR");
}

}  // namespace squat::cli
