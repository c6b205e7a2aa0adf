// SPDX-License-Identifier: Apache-2.0
#include "host/model/file_crc.hpp"

#include <algorithm>
#include <vector>

#include "host/model/crc32.hpp"
#include "host/model/input_file.hpp"

namespace squat::model {

std::uint32_t crc32_of_file(const std::filesystem::path& path) {
  const InputFile file(path);
  std::vector<std::uint8_t> piece;
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < file.size(); at += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(1u << 20, file.size() - at)));
    file.read(at, piece.data(), piece.size());
    crc = crc32(piece.data(), piece.size(), crc);
  }
  return crc;
}

}  // namespace squat::model
