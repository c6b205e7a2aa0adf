// SPDX-License-Identifier: Apache-2.0
// From a text and a vocabulary to a token file, made once and reused.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "host/model/tokenizer.hpp"
#include "qat/data/token_file.hpp"

namespace squat::qat {

/// Encodes every non-empty line with a leading bos, as evaluate::encode_lines does. Throws input_error as for_each_line.
TokenFileInfo encode_text(const std::filesystem::path& text, const model::Tokenizer& tokenizer,
                          const std::filesystem::path& vocabulary_file, const std::filesystem::path& target,
                          const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

/// As encode_text, unless `target` holds the ids of exactly this text and vocabulary already. True when it was made.
bool encode_text_once(const std::filesystem::path& text, const model::Tokenizer& tokenizer,
                      const std::filesystem::path& vocabulary_file, const std::filesystem::path& target,
                      const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

}  // namespace squat::qat
