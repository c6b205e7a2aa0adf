// SPDX-License-Identifier: Apache-2.0
#include "qat/data/sampler.hpp"

#include <algorithm>

#include "host/model/error.hpp"

namespace squat::qat {
namespace {

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Position of `index` in a random order of 0 .. count - 1: four Feistel rounds over the next even power of two, repeated
/// until the result is below count (Black, Rogaway 2002). Needs no memory, unlike shuffling.
std::uint64_t permuted(std::uint64_t index, std::uint64_t count, std::uint64_t key) {
  int half = 1;
  while (half < 31 && (std::uint64_t{1} << (2 * half)) < count) ++half;
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  do {
    std::uint64_t left = index >> half, right = index & mask;
    for (std::uint64_t round = 0; round < 4; ++round) {
      const std::uint64_t next = left ^ (mix(key + round * 0x632be59bd9b4e019u + right) & mask);
      left = right;
      right = next;
    }
    index = (left << half) | right;
  } while (index >= count);
  return index;
}

}  // namespace

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

BatchSource::BatchSource(const TokenFile& file, int sequences, int length, std::uint64_t seed)
    : file_(file), sequences_(sequences), length_(length), sampler_(file.size(), length, seed) {}

Batch BatchSource::batch(std::uint64_t number, int rank, int ranks) const {
  const std::uint64_t place = number * static_cast<std::uint64_t>(ranks) + static_cast<std::uint64_t>(rank);
  return windows(place * static_cast<std::uint64_t>(sequences_), sequences_);
}

Batch BatchSource::windows(std::uint64_t first, int count) const {
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
