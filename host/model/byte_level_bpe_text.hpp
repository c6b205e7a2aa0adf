// SPDX-License-Identifier: Apache-2.0
// What happens to text before merging: NFKC and GPT-2's division into words. Unicode properties come from ICU.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace squat::model {

/// Normalisation form KC. The text must be well-formed UTF-8.
std::string to_nfkc(const std::string& text);

/// Calls visit(word) for the words of a well-formed text, in order and without gaps, as the regular expression
/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ finds them.
void for_each_word(std::string_view text, const std::function<void(std::string_view)>& visit);

}  // namespace squat::model
