// SPDX-License-Identifier: Apache-2.0
#include "qat/data/example_batches.hpp"

#include <algorithm>
#include <utility>

#include "host/model/error.hpp"
#include "qat/data/permutation.hpp"

namespace squat::qat {

Batch padded_batch(const std::vector<const TokenExample*>& examples) {
  Batch batch;
  batch.sequences = static_cast<int>(examples.size());
  std::size_t longest = 0;
  for (const TokenExample* e : examples) longest = std::max(longest, e->ids.size());
  batch.length = static_cast<int>(longest);
  batch.tokens.assign(examples.size() * longest, 0);
  batch.targets.assign(examples.size() * longest, -1);
  for (std::size_t s = 0; s < examples.size(); ++s) {
    const TokenExample& e = *examples[s];
    std::copy(e.ids.begin(), e.ids.end(), batch.tokens.begin() + static_cast<std::ptrdiff_t>(s * longest));
    batch.targets[s * longest + e.ids.size() - 1] = e.target;
    batch.lengths.push_back(static_cast<std::int32_t>(e.ids.size()));
  }
  return batch;
}

ExampleBatches::ExampleBatches(std::vector<TokenExample> examples, int sequences, int length, std::uint64_t seed)
    : examples_(std::move(examples)), sequences_(sequences), length_(length), seed_(seed) {
  if (examples_.empty()) throw input_error("no examples to learn from; check the file of the task");
}

const TokenExample& ExampleBatches::example(std::uint64_t number) const {
  const std::uint64_t count = examples_.size();
  return examples_[static_cast<std::size_t>(permuted(number % count, count, mix(seed_ ^ mix(number / count))))];
}

Batch ExampleBatches::batch(std::uint64_t number) const {
  const std::uint64_t pool = number / kPool;
  const auto in_batch = static_cast<std::size_t>(sequences_);
  std::vector<const TokenExample*> all;
  for (std::uint64_t i = 0; i < kPool * in_batch; ++i) all.push_back(&example(pool * kPool * in_batch + i));
  std::stable_sort(all.begin(), all.end(),
                   [](const TokenExample* a, const TokenExample* b) { return a->ids.size() < b->ids.size(); });
  const auto slot = static_cast<std::ptrdiff_t>(permuted(number % kPool, kPool, mix(seed_ + mix(~pool))) * in_batch);
  Batch batch = padded_batch({all.begin() + slot, all.begin() + slot + sequences_});
  batch.number = number;
  return batch;
}

std::vector<int> ExampleBatches::some_ids(std::size_t most) const {
  std::vector<int> ids;
  for (std::uint64_t i = 0; i < examples_.size() && ids.size() < most; ++i) {
    const std::vector<std::int32_t>& next = example(i).ids;
    ids.insert(ids.end(), next.begin(), next.end());
  }
  ids.resize(std::min(most, ids.size()));
  return ids;
}

Batch ExampleBatches::first_sequences(int count) const {
  const auto length = static_cast<std::size_t>(length_);
  Batch batch;
  batch.tokens = some_ids(static_cast<std::size_t>(count) * length);
  batch.sequences = std::max(1, static_cast<int>(batch.tokens.size() / length));
  batch.length = static_cast<int>(std::min(length, batch.tokens.size()));
  batch.tokens.resize(static_cast<std::size_t>(batch.sequences) * static_cast<std::size_t>(batch.length));
  return batch;
}

double ExampleBatches::tokens_per_batch() const {
  double tokens = 0;
  for (const TokenExample& e : examples_) tokens += static_cast<double>(e.ids.size());
  return sequences_ * tokens / static_cast<double>(examples_.size());
}

}  // namespace squat::qat
