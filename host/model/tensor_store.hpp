// SPDX-License-Identifier: Apache-2.0
// All tensors of a model directory behind one lookup, whether they stand in one file or in shards.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "host/model/error.hpp"
#include "host/model/safetensors.hpp"

namespace squat::model {

class TensorStore {
 public:
  /// Opens DIR/model.safetensors, or the shards named by DIR/model.safetensors.index.json.
  /// Throws input_error when neither exists or when the index and the shards disagree.
  explicit TensorStore(const std::filesystem::path& directory);

  bool contains(const std::string& tensor) const { return where_.count(tensor) != 0; }
  /// Of every tensor, in order.
  std::vector<std::string> names() const;

  /// The bytes of a tensor that must have this shape and one of these element types. Marks it as used.
  /// Throws input_error when it is missing or differs.
  std::vector<std::uint8_t> read(const std::string& tensor, const Shape& shape, const std::vector<Dtype>& allowed);
  /// The same into memory that `to` gives for so many bytes, once shape and type have been found right.
  void read(const std::string& tensor, const Shape& shape, const std::vector<Dtype>& allowed,
            const std::function<std::uint8_t*(std::size_t bytes)>& to);
  /// From now on read() refuses tensors without a checksum.
  void require_checksums() { checksums_required_ = true; }
  /// Element type of a tensor that exists.
  Dtype dtype(const std::string& tensor) const;
  /// An error about a tensor: "FILE: tensor 'X' at byte N: expected E, found F; ADVICE". `at` counts from the tensor's start.
  Error error(const std::string& tensor, std::uint64_t at, const std::string& expected, const std::string& found,
              const std::string& advice) const;

  /// Throws input_error naming the first tensor nobody read, except those `ignored` accepts.
  void expect_all_used(const std::function<bool(const std::string&)>& ignored) const;

 private:
  struct Found {
    const SafetensorsFile& file;
    const TensorInfo& info;
  };
  Found find(const std::string& tensor, const Shape& shape, const std::vector<Dtype>& allowed);
  void add_file(const std::filesystem::path& path);
  void open_shards(const std::filesystem::path& directory, const std::filesystem::path& index);

  std::string directory_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, std::size_t> where_;  ///< tensor -> files_ index
  std::set<std::string> used_;
  bool checksums_required_ = false;
};

}  // namespace squat::model
