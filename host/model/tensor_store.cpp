// SPDX-License-Identifier: Apache-2.0
#include "host/model/tensor_store.hpp"

#include <algorithm>

#include "host/model/json_file.hpp"

namespace squat::model {

namespace fs = std::filesystem;

TensorStore::TensorStore(const fs::path& directory) : directory_(directory.string()) {
  std::error_code ignored;
  const fs::path single = directory / "model.safetensors";
  const fs::path index = directory / "model.safetensors.index.json";
  if (fs::exists(single, ignored)) {
    add_file(single);
  } else if (fs::exists(index, ignored)) {
    open_shards(directory, index);
  } else {
    throw input_error(directory_ + ": expected model.safetensors or model.safetensors.index.json, found neither; " +
                      "pickle (.bin) weights must be converted to safetensors first");
  }
}

void TensorStore::add_file(const fs::path& path) {
  files_.emplace_back(path);
  for (const TensorInfo& t : files_.back().tensors()) {
    if (!where_.emplace(t.name, files_.size() - 1).second) {
      throw input_error(files_.back().name() + ": tensor '" + t.name + "' also stands in " + files_[where_.at(t.name)].name() +
                        "; keep one of them");
    }
  }
}

void TensorStore::open_shards(const fs::path& directory, const fs::path& index) {
  const nlohmann::json json = read_json_object(index);
  const JsonFields fields(json, index.string());
  const nlohmann::json& map = fields.at("weight_map");
  if (!map.is_object() || map.empty()) fields.fail("weight_map", "an object of tensor names and file names");
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : map.items()) {
    const std::string name = shard.is_string() ? shard.get<std::string>() : std::string();
    // A shard is a sibling file: a path could name anything on this machine.
    if (name.empty() || name.find('/') != std::string::npos || name.find('\\') != std::string::npos || name[0] == '.') {
      throw input_error(index.string() + ": weight_map['" + tensor + "']: expected a file name without directories, found '" +
                        name + "'");
    }
    shards.insert(name);
  }
  if (shards.size() > 1000)
    throw input_error(index.string() + ": expected at most 1000 shards, found " + std::to_string(shards.size()));
  files_.reserve(shards.size());
  for (const std::string& shard : shards) add_file(directory / shard);
  for (const auto& [tensor, shard] : map.items()) {
    const auto it = where_.find(tensor);
    if (it == where_.end() || fs::path(files_[it->second].name()).filename() != shard.get<std::string>()) {
      throw input_error(index.string() + ": tensor '" + tensor + "' is missing in " + shard.get<std::string>() +
                        "; index and shards belong to different models");
    }
  }
  if (where_.size() != map.size()) {
    const auto extra =
        std::find_if(where_.begin(), where_.end(), [&](const auto& entry) { return !map.contains(entry.first); });
    throw input_error(files_[extra->second].name() + ": tensor '" + extra->first + "' is not listed in " + index.string() +
                      "; index and shards belong to different models");
  }
}

std::vector<std::uint8_t> TensorStore::read(const std::string& tensor, const Shape& shape, const std::vector<Dtype>& allowed) {
  const Found found = find(tensor, shape, allowed);
  return found.file.read(found.info);
}

void TensorStore::read(const std::string& tensor, const Shape& shape, const std::vector<Dtype>& allowed,
                       const std::function<std::uint8_t*(std::size_t bytes)>& to) {
  const Found found = find(tensor, shape, allowed);
  found.file.read(found.info, to(static_cast<std::size_t>(found.info.end - found.info.begin)));
}

TensorStore::Found TensorStore::find(const std::string& tensor, const Shape& shape, const std::vector<Dtype>& allowed) {
  const auto it = where_.find(tensor);
  if (it == where_.end()) {
    throw input_error(directory_ + ": tensor '" + tensor + "' with shape " + shape_text(shape) +
                      " is missing; check that config.json belongs to these weights and that all shards are here");
  }
  const SafetensorsFile& file = files_[it->second];
  const TensorInfo& info = *file.find(tensor);
  if (info.shape != shape) {
    throw error(tensor, 0, "shape " + shape_text(shape), shape_text(info.shape),
                "check that config.json belongs to these weights");
  }
  if (std::find(allowed.begin(), allowed.end(), info.dtype) == allowed.end()) {
    std::string names;
    for (const Dtype dtype : allowed) names += (names.empty() ? "" : " or ") + std::string(dtype_name(dtype));
    throw error(tensor, 0, "element type " + names, dtype_name(info.dtype), "convert the weights");
  }
  if (checksums_required_ && file.metadata().count(checksum_key(tensor)) == 0) {
    throw error(tensor, 0, "a checksum in the file's metadata", "none", "write the model directory again with squat quantize");
  }
  used_.insert(tensor);
  return {file, info};
}

std::vector<std::string> TensorStore::names() const {
  std::vector<std::string> all;
  for (const auto& [name, file] : where_) all.push_back(name);
  return all;
}

Dtype TensorStore::dtype(const std::string& tensor) const { return files_[where_.at(tensor)].find(tensor)->dtype; }

Error TensorStore::error(const std::string& tensor, std::uint64_t at, const std::string& expected, const std::string& found,
                         const std::string& advice) const {
  const SafetensorsFile& file = files_[where_.at(tensor)];
  return input_error(file.name() + ": tensor '" + tensor + "' at byte " +
                     std::to_string(file.file_offset(*file.find(tensor)) + at) + ": expected " + expected + ", found " + found +
                     "; " + advice);
}

void TensorStore::expect_all_used(const std::function<bool(const std::string&)>& ignored) const {
  for (const auto& entry : where_) {
    if (used_.count(entry.first) == 0 && !ignored(entry.first)) {
      throw input_error(files_[entry.second].name() + ": tensor '" + entry.first +
                        "' is not part of this architecture; expected the names of a LLaMA or GPT-2 model, see "
                        "docs/reference/model_directory.md");
    }
  }
}

}  // namespace squat::model
