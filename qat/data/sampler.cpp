// SPDX-License-Identifier: Apache-2.0
#include "qat/data/sampler.hpp"

#include <algorithm>

#include "host/model/error.hpp"
#include "qat/data/permutation.hpp"

namespace squat::qat {
WindowSampler::WindowSampler(std::uint64_t tokens, int length, std::uint64_t seed)
    : window_(static_cast<std::uint64_t>(length)), seed_(seed) {
  if (tokens < window_) {
    throw input_error("the text has " + std::to_string(tokens) + " tokens, one sequence needs " + std::to_string(length) +
                      "; use more text or shorter sequences");
  }
  // As many windows as fit from every offset below the window's length.
  windows_ = std::max<std::uint64_t>(1, (tokens - window_ + 1) / window_);
  slack_ = std::min(window_, tokens - windows_ * window_ + 1);
}

std::uint64_t WindowSampler::start(std::uint64_t number) const {
  const std::uint64_t epoch = number / windows_;
  const std::uint64_t key = mix(seed_ ^ mix(epoch));
  const std::uint64_t offset = mix(key) % slack_;
  return offset + permuted(number % windows_, windows_, key) * window_;
}

WindowBatches::WindowBatches(const TokenFile& file, int sequences, int length, std::uint64_t seed)
    : file_(file), sequences_(sequences), length_(length), sampler_(file.size(), length, seed) {}

Batch WindowBatches::batch(std::uint64_t number, int rank, int ranks) const {
  const std::uint64_t place = number * static_cast<std::uint64_t>(ranks) + static_cast<std::uint64_t>(rank);
  return windows(place * static_cast<std::uint64_t>(sequences_), sequences_);
}

Batch WindowBatches::windows(std::uint64_t first, int count) const {
  Batch batch;
  batch.sequences = count;
  batch.length = length_;
  batch.number = first;
  const auto length = static_cast<std::size_t>(length_), sequences = static_cast<std::size_t>(count);
  batch.tokens.resize(sequences * length);
  for (std::size_t s = 0; s < sequences; ++s) {
    file_.read(sampler_.start(first + s), length, batch.tokens.data() + s * length);
  }
  return batch;
}

}  // namespace squat::qat
