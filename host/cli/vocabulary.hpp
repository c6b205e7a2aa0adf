// SPDX-License-Identifier: Apache-2.0
// The vocabulary a new model is trained with: given, or learned from its text.
#pragma once

#include <filesystem>
#include <string>

namespace squat::cli {

/// Puts the vocabulary into `directory` as tokenizer.model or tokenizer.json and returns that file. `source` is a vocabulary
/// file or a model directory; empty: a byte-level BPE of `pieces` pieces is learned from `text` (once: it is reused while text
/// and number stay the same).
std::filesystem::path prepare_vocabulary(const std::string& source, int pieces, const std::filesystem::path& text,
                                         const std::filesystem::path& directory);

}  // namespace squat::cli
