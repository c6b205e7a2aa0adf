// SPDX-License-Identifier: Apache-2.0
// The verbaliser: one token of the vocabulary for each class (Schick and Schuetze, arXiv 2001.07676).
#pragma once

#include <string>
#include <vector>

#include "host/model/tokenizer.hpp"
#include "host/task/task.hpp"

namespace squat::task {

/// Pieces of a word as it follows other text.
std::vector<int> pieces_after_text(const model::Tokenizer& tokenizer, const std::string& word);

/// Gives every class a token of its own: the first piece of its word, or of its name where it has no word, that no class
/// before it has; where all are taken the first free piece among " 0" .. " 9", then among all ids that stand for text. The
/// class's word becomes the text of the piece. Fine-tuning teaches what the token means, so any piece will do.
void choose_tokens(const model::Tokenizer& tokenizer, std::vector<TaskClass>& classes);

/// Gives the classes these words. Throws usage_error unless there is one for each, all are one piece, and all differ.
void name_tokens(const model::Tokenizer& tokenizer, const std::vector<std::string>& words, std::vector<TaskClass>& classes);

}  // namespace squat::task
