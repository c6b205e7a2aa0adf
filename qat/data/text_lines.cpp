// SPDX-License-Identifier: Apache-2.0
#include "qat/data/text_lines.hpp"

#include <algorithm>
#include <string_view>

#include "host/model/crc32.hpp"
#include "host/model/error.hpp"
#include "host/model/input_file.hpp"
#include "host/model/utf8.hpp"

namespace squat::qat {
namespace {

constexpr std::size_t kRead = std::size_t{1} << 20;

/// Reads the file block by block and keeps a running CRC-32.
template <typename Take>
std::uint32_t read_blocks(const model::InputFile& file, const Take& take) {
  std::string block;
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < file.size(); at += block.size()) {
    block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kRead, file.size() - at)));
    file.read(at, block.data(), block.size());
    crc = model::crc32(reinterpret_cast<const std::uint8_t*>(block.data()), block.size(), crc);
    take(block, at);
  }
  return crc;
}

class Lines {
 public:
  Lines(const std::string& name, const std::function<void(const std::string&)>& visit) : name_(name), visit_(visit) {}

  void add(std::string_view block) {
    while (!block.empty()) {
      const std::size_t end = block.find('\n');
      line_.append(block.substr(0, end));
      while (line_.size() > kLongestLine) cut();
      if (end == std::string_view::npos) return;
      block.remove_prefix(end + 1);
      finish(1);
    }
  }

  std::uint64_t finish_all() {
    if (!line_.empty()) finish(0);
    return with_content_;
  }

 private:
  void finish(std::size_t line_break) {
    ++number_;
    const std::size_t bytes = line_.size() + line_break;
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    emit(line_);
    at_ += bytes;
    line_.clear();
  }

  /// Emits the front of an endless line.
  void cut() {
    std::size_t end = line_.rfind(' ', kLongestLine);
    if (end == std::string::npos || end == 0) end = kLongestLine;
    while (end > 1 && (static_cast<unsigned char>(line_[end]) & 0xc0u) == 0x80u) --end;  // not inside a character
    emit(line_.substr(0, end));
    at_ += end;
    line_.erase(0, end);
  }

  void emit(const std::string& text) {
    if (text.empty()) return;
    if (const std::size_t bad = model::find_invalid_utf8(text); bad != std::string_view::npos) {
      throw input_error(name_ + ": line " + std::to_string(number_) + ", byte " + std::to_string(at_ + bad) +
                        ": expected UTF-8, found something else; convert the file, for example with iconv");
    }
    ++with_content_;
    visit_(text);
  }

  const std::string& name_;
  const std::function<void(const std::string&)>& visit_;
  std::string line_;
  std::uint64_t number_ = 0, at_ = 0, with_content_ = 0;
};

}  // namespace

TextInfo for_each_line(const std::filesystem::path& path, const std::function<void(const std::string&)>& visit,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const model::InputFile file(path);
  TextInfo info;
  info.bytes = file.size();
  Lines lines(file.name(), visit);
  info.crc = read_blocks(file, [&](const std::string& block, std::uint64_t at) {
    lines.add(block);
    if (progress) progress(at + block.size(), file.size());
  });
  info.lines = lines.finish_all();
  if (info.lines == 0) {
    throw input_error(file.name() + ": expected text, found " + (info.bytes == 0 ? "an empty file" : "empty lines only"));
  }
  return info;
}

}  // namespace squat::qat
