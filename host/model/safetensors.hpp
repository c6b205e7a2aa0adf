// SPDX-License-Identifier: Apache-2.0
// Strict safetensors: 8 bytes little-endian header length, JSON header, one data section without overlap or hole.
// Format: https://github.com/huggingface/safetensors; what is checked: docs/reference/model_directory.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/model/input_file.hpp"

namespace squat::model {

enum class Dtype { kBool, kU8, kI8, kF8E5M2, kF8E4M3, kU16, kI16, kF16, kBF16, kU32, kI32, kF32, kU64, kI64, kF64 };

/// The name in the file, for example "BF16".
const char* dtype_name(Dtype dtype);
/// Bytes of one element.
std::uint64_t dtype_bytes(Dtype dtype);
/// Empty for unknown names.
std::optional<Dtype> parse_dtype(std::string_view name);

using Shape = std::vector<std::uint64_t>;

/// "[128, 64]", for messages.
std::string shape_text(const Shape& shape);

struct TensorInfo {
  std::string name;
  Dtype dtype = Dtype::kF32;
  Shape shape;              ///< every dimension >= 1; empty for a scalar
  std::uint64_t begin = 0;  ///< bytes from the start of the data section
  std::uint64_t end = 0;    ///< end - begin == product(shape) * dtype_bytes
};

struct SafetensorsHeader {
  std::vector<TensorInfo> tensors;              ///< in the order of their data
  std::map<std::string, std::string> metadata;  ///< the "__metadata__" object
};

/// Parses and validates a header that describes a data section of `data_bytes` bytes.
/// Throws input_error naming `file` and the tensor for: malformed JSON, duplicate keys, unknown fields or element types,
/// overflowing or zero dimensions, sizes that disagree with shape and type, overlaps, holes, data beyond the section.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes, const std::string& file);

/// An opened file: the header in memory, the data read tensor by tensor.
class SafetensorsFile {
 public:
  /// Throws input_error for everything parse_safetensors_header rejects and for a truncated file, a header longer than
  /// 100 MB or than the file, a first header byte other than '{'.
  explicit SafetensorsFile(const std::filesystem::path& path);

  const std::string& name() const { return file_.name(); }
  const std::vector<TensorInfo>& tensors() const { return header_.tensors; }
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  /// nullptr when the file has no such tensor.
  const TensorInfo* find(const std::string& name) const;
  /// Offset of the tensor's first byte from the start of the file.
  std::uint64_t file_offset(const TensorInfo& tensor) const { return data_start_ + tensor.begin; }
  /// The tensor's bytes, little endian. Throws input_error when the metadata holds another checksum.
  std::vector<std::uint8_t> read(const TensorInfo& tensor) const;
  /// The same into tensor.end - tensor.begin bytes at `to`.
  void read(const TensorInfo& tensor, std::uint8_t* to) const;

 private:
  InputFile file_;
  std::uint64_t data_start_ = 0;
  SafetensorsHeader header_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// A tensor to be written; bytes.size() == product(shape) * dtype_bytes(dtype).
struct TensorData {
  std::string name;
  Dtype dtype = Dtype::kF32;
  Shape shape;
  std::vector<std::uint8_t> bytes;
};

/// Metadata key of a tensor's CRC-32, eight lower-case hexadecimal digits. Other programs ignore it.
std::string checksum_key(const std::string& tensor);

/// Writes the tensors in the given order, atomically, with a checksum each. The header is padded with spaces so that data
/// starts at a multiple of 8.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorData>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace squat::model
