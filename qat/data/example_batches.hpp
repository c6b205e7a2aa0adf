// SPDX-License-Identifier: Apache-2.0
// Batches of short texts with one token to predict behind each: fine-tuning for a task.
#pragma once

#include <cstdint>
#include <vector>

#include "qat/data/batch_source.hpp"

namespace squat::qat {

struct TokenExample {
  std::vector<std::int32_t> ids;  ///< at least one
  std::int32_t target = 0;        ///< the token that follows
};

/// These examples as one batch: padded behind their ends to the longest, one target each.
Batch padded_batch(const std::vector<const TokenExample*>& examples);

/// Every epoch goes through all examples in another order. Of each kPool batches the examples are sorted by length before they
/// are cut into batches, which come in a random order again: batches are short where texts are.
class ExampleBatches : public BatchSource {
 public:
  static constexpr int kPool = 16;

  /// `length`: of the sequences that quantisers start from. Throws input_error without examples.
  ExampleBatches(std::vector<TokenExample> examples, int sequences, int length, std::uint64_t seed);

  Batch batch(std::uint64_t number) const override;
  /// The examples one behind the other, cut into sequences of `length` tokens, or a single shorter one.
  Batch first_sequences(int count) const override;
  int sequences() const override { return sequences_; }
  double tokens_per_batch() const override;

  const std::vector<TokenExample>& examples() const { return examples_; }
  /// Tokens of the examples one behind the other, at most `most`.
  std::vector<int> some_ids(std::size_t most) const;

 private:
  /// The example with this number, 0, 1, ..
  const TokenExample& example(std::uint64_t number) const;

  std::vector<TokenExample> examples_;
  int sequences_, length_;
  std::uint64_t seed_;
};

}  // namespace squat::qat
