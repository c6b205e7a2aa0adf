// SPDX-License-Identifier: Apache-2.0
#include "qat/data/encode_text.hpp"

#include "host/model/error.hpp"
#include "host/model/file_crc.hpp"
#include "host/model/input_file.hpp"
#include "qat/data/text_lines.hpp"

namespace squat::qat {

TokenFileInfo encode_text(const std::filesystem::path& text, const model::Tokenizer& tokenizer,
                          const std::filesystem::path& vocabulary_file, const std::filesystem::path& target,
                          const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  TokenWriter writer(target, tokenizer.size());
  const TextInfo read = for_each_line(
      text,
      [&](const std::string& line) {
        for (const int id : tokenizer.encode(line, true)) writer.add(id);
      },
      progress);
  TokenFileInfo about;
  about.text_bytes = read.bytes;
  about.text_crc = read.crc;
  about.tokenizer_crc = model::crc32_of_file(vocabulary_file);
  writer.finish(about);
  return TokenFile(target).info();
}

bool encode_text_once(const std::filesystem::path& text, const model::Tokenizer& tokenizer,
                      const std::filesystem::path& vocabulary_file, const std::filesystem::path& target,
                      const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  std::error_code ignored;
  if (std::filesystem::exists(target, ignored)) {
    try {
      const TokenFileInfo have = TokenFile(target).info();
      const bool same =
          have.text_bytes == model::InputFile(text).size() && have.vocabulary == static_cast<std::uint32_t>(tokenizer.size()) &&
          have.tokenizer_crc == model::crc32_of_file(vocabulary_file) && have.text_crc == model::crc32_of_file(text);
      if (same) return false;
    } catch (const Error&) {
      // A damaged file is made again; a text that cannot be read is reported below.
    }
  }
  encode_text(text, tokenizer, vocabulary_file, target, progress);
  return true;
}

}  // namespace squat::qat
