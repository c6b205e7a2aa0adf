// SPDX-License-Identifier: Apache-2.0
// Which windows of the tokens a step sees: a pure function of the seed and the window's number, so that it depends neither on
// threads nor on what was drawn before, and a run resumes anywhere.
#pragma once

#include <cstdint>

#include "qat/data/batch_source.hpp"
#include "qat/data/token_file.hpp"

namespace squat::qat {

/// Every epoch cuts the tokens into windows from another offset and goes through all of them in another order.
class WindowSampler {
 public:
  /// `tokens` ids altogether, windows of `length`. Throws input_error when there is not one window.
  WindowSampler(std::uint64_t tokens, int length, std::uint64_t seed);

  /// First token of the window with this number, 0, 1, ...
  std::uint64_t start(std::uint64_t number) const;
  std::uint64_t windows_per_epoch() const { return windows_; }

 private:
  std::uint64_t window_, windows_, slack_, seed_;
};

/// Batches of consecutive windows of a text.
class WindowBatches : public BatchSource {
 public:
  /// `file` must outlive this.
  WindowBatches(const TokenFile& file, int sequences, int length, std::uint64_t seed);

  /// Windows number * sequences .. + sequences - 1.
  Batch batch(std::uint64_t number) const override { return batch(number, 0, 1); }
  /// With `ranks` > 1 only those of one rank: its batch has `sequences` windows, and the ranks' batches together are the
  /// windows of one batch of ranks * sequences.
  Batch batch(std::uint64_t number, int rank, int ranks) const;
  /// `count` windows from the one with number `first`.
  Batch windows(std::uint64_t first, int count) const;
  Batch first_sequences(int count) const override { return windows(0, count); }
  int sequences() const override { return sequences_; }
  const WindowSampler& sampler() const { return sampler_; }
  double tokens_per_batch() const override { return static_cast<double>(sequences_) * length_; }

 private:
  const TokenFile& file_;
  int sequences_, length_;
  WindowSampler sampler_;
};

}  // namespace squat::qat
