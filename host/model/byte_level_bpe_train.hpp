// SPDX-License-Identifier: Apache-2.0
// Learning a byte-level BPE vocabulary: the pairs that Hugging Face's BpeTrainer chooses, in the same order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/model/byte_level_bpe_file.hpp"

namespace squat::model {

struct BpeTrainOptions {
  int pieces = 4096;                                             ///< wanted size: specials, 256 bytes, merges
  int min_frequency = 2;                                         ///< pairs seen less often are not merged
  std::vector<std::string> specials = {"<pad>", "<s>", "</s>"};  ///< ids 0, 1, 2, ...
  bool nfkc = true;
  bool add_prefix_space = true;
};

/// Counts words first, line by line, then learns. Ties go to the pair with the lower ids, so the result depends on nothing
/// but the text.
class BpeTrainer {
 public:
  /// Throws usage_error when `pieces` does not cover the specials and the bytes.
  explicit BpeTrainer(BpeTrainOptions options);

  /// Throws input_error when the text is not UTF-8.
  void add_line(std::string_view line);
  /// The vocabulary; smaller than asked for when no pair is frequent enough any more.
  BpeFile train() const;

 private:
  BpeTrainOptions options_;
  std::unordered_map<std::string, std::int64_t> words_;
};

}  // namespace squat::model
