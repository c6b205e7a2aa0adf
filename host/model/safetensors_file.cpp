// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>

#include "host/model/crc32.hpp"
#include "host/model/error.hpp"
#include "host/model/output_file.hpp"
#include "host/model/safetensors.hpp"

namespace squat::model {
namespace {

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeader = 100000000;

}  // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(path) {
  if (file_.size() < kLengthBytes) {
    throw input_error(name() + ": expected at least 8 bytes, found " + std::to_string(file_.size()) +
                      "; the file was cut short");
  }
  std::array<std::uint8_t, kLengthBytes> raw{};
  file_.read(0, raw.data(), raw.size());
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) length |= std::uint64_t{raw[i]} << (8 * i);
  if (length > kMaxHeader || length > file_.size() - kLengthBytes) {
    throw input_error(name() + ": byte 0: expected a header length of at most 100000000 bytes and within the file's " +
                      std::to_string(file_.size()) + " bytes, found " + std::to_string(length) +
                      "; the file was cut short or is not safetensors");
  }
  std::string json(static_cast<std::size_t>(length), '\0');
  file_.read(kLengthBytes, json.data(), json.size());
  data_start_ = kLengthBytes + length;
  header_ = parse_safetensors_header(json, file_.size() - data_start_, name());
  index_.reserve(header_.tensors.size());
  for (std::size_t i = 0; i < header_.tensors.size(); ++i) index_.emplace(header_.tensors[i].name, i);
}

const TensorInfo* SafetensorsFile::find(const std::string& tensor) const {
  const auto it = index_.find(tensor);
  return it == index_.end() ? nullptr : &header_.tensors[it->second];
}

std::vector<std::uint8_t> SafetensorsFile::read(const TensorInfo& tensor) const {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(tensor.end - tensor.begin));
  read(tensor, bytes.data());
  return bytes;
}

void SafetensorsFile::read(const TensorInfo& tensor, std::uint8_t* to) const {
  const auto bytes = static_cast<std::size_t>(tensor.end - tensor.begin);
  file_.read(file_offset(tensor), to, bytes);
  const auto checksum = metadata().find(checksum_key(tensor.name));
  if (checksum == metadata().end()) return;
  const std::string found = crc32_text(crc32(to, bytes));
  if (checksum->second != found) {
    throw input_error(name() + ": tensor '" + tensor.name + "' at byte " + std::to_string(file_offset(tensor)) +
                      ": expected CRC-32 " + checksum->second.substr(0, 16) + ", found " + found +
                      "; the file is damaged: copy or download it again");
  }
}

std::string checksum_key(const std::string& tensor) { return "crc32:" + tensor; }

void write_safetensors(const std::filesystem::path& path, const std::vector<TensorData>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  std::map<std::string, std::string> all_metadata = metadata;
  for (const TensorData& t : tensors) all_metadata[checksum_key(t.name)] = crc32_text(t.bytes);
  header["__metadata__"] = all_metadata;
  std::uint64_t offset = 0;
  for (const TensorData& t : tensors) {
    header[t.name] = {{"dtype", dtype_name(t.dtype)}, {"shape", t.shape}, {"data_offsets", {offset, offset + t.bytes.size()}}};
    offset += t.bytes.size();
  }
  std::string json = header.dump();
  json.append((8 - json.size() % 8) % 8, ' ');
  // A writer that breaks its own format is a bug of the caller: find it here, not at the reader.
  parse_safetensors_header(json, offset, path.string());

  std::array<std::uint8_t, kLengthBytes> length{};
  for (std::size_t i = 0; i < length.size(); ++i) length[i] = static_cast<std::uint8_t>(std::uint64_t{json.size()} >> (8 * i));
  OutputFile file(path);
  file.write(length.data(), length.size());
  file.write(json.data(), json.size());
  for (const TensorData& t : tensors) file.write(t.bytes.data(), t.bytes.size());
  file.commit();
}

}  // namespace squat::model
