// SPDX-License-Identifier: Apache-2.0
// Token ids on disk: little-endian uint16 or uint32 from byte 0, then a footer of 64 bytes. Read through memory mapping, so
// a text may be larger than the memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "host/model/output_file.hpp"

namespace squat::qat {

/// The footer: what the ids came from, so that a file is reused only where it belongs.
struct TokenFileInfo {
  std::uint64_t tokens = 0;
  std::uint32_t vocabulary = 0;       ///< every id is below
  std::uint32_t bytes_per_token = 2;  ///< 2 up to 65536 pieces, else 4
  std::uint64_t text_bytes = 0;       ///< size of the text
  std::uint32_t text_crc = 0;         ///< CRC-32 of the text
  std::uint32_t tokenizer_crc = 0;    ///< CRC-32 of the vocabulary file
};

/// Appends ids; the file appears, complete, at finish().
class TokenWriter {
 public:
  TokenWriter(const std::filesystem::path& target, int vocabulary);
  void add(int id);
  std::uint64_t tokens() const { return info_.tokens; }
  /// `about` gives text_bytes and both CRCs.
  void finish(const TokenFileInfo& about);

 private:
  void flush();
  model::OutputFile file_;
  TokenFileInfo info_;
  std::string buffer_;
};

/// A token file mapped into memory. Changing the file while it is mapped is not supported.
class TokenFile {
 public:
  /// Throws input_error when this is no token file, or a cut or extended one.
  explicit TokenFile(const std::filesystem::path& path);
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;
  ~TokenFile();

  const TokenFileInfo& info() const { return info_; }
  std::uint64_t size() const { return info_.tokens; }
  /// Copies ids begin .. begin + count - 1. Throws input_error for an id outside the vocabulary (a damaged file).
  void read(std::uint64_t begin, std::size_t count, std::int32_t* ids) const;
  /// Throws input_error unless the ids belong to a model with this many pieces.
  void expect_vocabulary(int pieces) const;

 private:
  std::string name_;
  TokenFileInfo info_;
  const unsigned char* bytes_ = nullptr;
  std::size_t mapped_ = 0;
};

}  // namespace squat::qat
