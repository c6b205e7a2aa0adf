// SPDX-License-Identifier: Apache-2.0
#include "qat/data/token_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "host/model/error.hpp"
#include "host/model/float_bytes.hpp"
#include "host/model/input_file.hpp"

namespace squat::qat {
namespace {

constexpr std::size_t kFooter = 64;
constexpr char kMagic[8] = {'S', 'Q', 'T', 'O', 'K', 'E', 'N', '1'};
constexpr std::uint32_t kLargestVocabulary = 1u << 20;  // as in config.json
constexpr std::size_t kFlush = std::size_t{1} << 20;

std::vector<std::uint8_t> footer_of(const TokenFileInfo& info) {
  std::vector<std::uint8_t> bytes(kMagic, kMagic + sizeof kMagic);
  model::append_le(bytes, info.tokens);
  model::append_le(bytes, info.vocabulary);
  model::append_le(bytes, info.bytes_per_token);
  model::append_le(bytes, info.text_bytes);
  model::append_le(bytes, info.text_crc);
  model::append_le(bytes, info.tokenizer_crc);
  bytes.resize(kFooter, 0);
  return bytes;
}

TokenFileInfo parse_footer(const std::uint8_t* p) {
  TokenFileInfo info;
  info.tokens = model::load_le<std::uint64_t>(p + 8);
  info.vocabulary = model::load_le<std::uint32_t>(p + 16);
  info.bytes_per_token = model::load_le<std::uint32_t>(p + 20);
  info.text_bytes = model::load_le<std::uint64_t>(p + 24);
  info.text_crc = model::load_le<std::uint32_t>(p + 32);
  info.tokenizer_crc = model::load_le<std::uint32_t>(p + 36);
  return info;
}

}  // namespace

TokenWriter::TokenWriter(const std::filesystem::path& target, int vocabulary) : file_(target) {
  info_.vocabulary = static_cast<std::uint32_t>(vocabulary);
  info_.bytes_per_token = vocabulary <= 65536 ? 2 : 4;
}

void TokenWriter::add(int id) {
  if (id < 0 || static_cast<std::uint32_t>(id) >= info_.vocabulary) {
    throw input_error("token id " + std::to_string(id) + ": expected 0 to " + std::to_string(info_.vocabulary - 1) +
                      "; the text was encoded with another vocabulary");
  }
  for (std::uint32_t b = 0; b < info_.bytes_per_token; ++b) {
    buffer_.push_back(static_cast<char>(static_cast<unsigned char>(static_cast<std::uint32_t>(id) >> (8 * b))));
  }
  ++info_.tokens;
  if (buffer_.size() >= kFlush) flush();
}

void TokenWriter::flush() {
  file_.write(buffer_.data(), buffer_.size());
  buffer_.clear();
}

void TokenWriter::finish(const TokenFileInfo& about) {
  flush();
  info_.text_bytes = about.text_bytes;
  info_.text_crc = about.text_crc;
  info_.tokenizer_crc = about.tokenizer_crc;
  const auto footer = footer_of(info_);
  file_.write(footer.data(), footer.size());
  file_.commit();
}

TokenFile::TokenFile(const std::filesystem::path& path) : name_(path.string()) {
  const model::InputFile file(path);
  const auto refuse = [this](const std::string& found) {
    throw input_error(name_ + ": expected a token file written by squat, found " + found +
                      "; delete it and let it be made again");
  };
  if (file.size() < kFooter) refuse(std::to_string(file.size()) + " bytes");
  std::uint8_t footer[kFooter];
  file.read(file.size() - kFooter, footer, kFooter);
  if (std::memcmp(footer, kMagic, sizeof kMagic) != 0) refuse("no footer at its end");
  info_ = parse_footer(footer);
  const std::uint64_t width = info_.bytes_per_token, data = file.size() - kFooter;
  if ((width != 2 && width != 4) || info_.tokens != data / width || data % width != 0) {
    refuse("a footer that speaks of " + std::to_string(info_.tokens) + " tokens before " + std::to_string(data) + " bytes");
  }
  if (info_.vocabulary == 0 || info_.vocabulary > kLargestVocabulary)
    refuse("a vocabulary of " + std::to_string(info_.vocabulary) + " pieces");
  if (info_.tokens == 0) refuse("no tokens");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  mapped_ = static_cast<std::size_t>(data);
  void* mapping = descriptor < 0 ? MAP_FAILED : ::mmap(nullptr, mapped_, PROT_READ, MAP_SHARED, descriptor, 0);
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (mapping == MAP_FAILED) throw input_error(name_ + ": cannot map into memory: " + std::strerror(reason));
  bytes_ = static_cast<const unsigned char*>(mapping);
}

TokenFile::~TokenFile() {
  if (bytes_ != nullptr) ::munmap(const_cast<unsigned char*>(bytes_), mapped_);
}

void TokenFile::read(std::uint64_t begin, std::size_t count, std::int32_t* ids) const {
  if (begin > info_.tokens || count > info_.tokens - begin) {
    throw Error(ExitCode::kInternal,
                name_ + ": tokens " + std::to_string(begin) + " + " + std::to_string(count) + " asked for");
  }
  const unsigned char* p = bytes_ + begin * info_.bytes_per_token;
  for (std::size_t i = 0; i < count; ++i, p += info_.bytes_per_token) {
    const std::uint32_t id = info_.bytes_per_token == 2 ? model::load_le<std::uint16_t>(p) : model::load_le<std::uint32_t>(p);
    if (id >= info_.vocabulary) {
      throw input_error(name_ + ": token " + std::to_string(begin + i) + ": expected an id below " +
                        std::to_string(info_.vocabulary) + ", found " + std::to_string(id) +
                        "; the file is damaged: delete it and let it be made again");
    }
    ids[i] = static_cast<std::int32_t>(id);
  }
}

void TokenFile::expect_vocabulary(int pieces) const {
  if (static_cast<std::int64_t>(info_.vocabulary) != pieces) {
    throw input_error(name_ + ": expected ids of a vocabulary of " + std::to_string(pieces) + " pieces (the model's), found " +
                      std::to_string(info_.vocabulary) + "; encode the text with the model's own tokenizer");
  }
}

}  // namespace squat::qat
