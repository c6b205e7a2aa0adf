// SPDX-License-Identifier: Apache-2.0
// Longer inputs than one pass, and totals over passes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/engine/device.hpp"

namespace squat::engine {

/// Share of 8-bit tokens over layers and passes.
class EightBitShare {
 public:
  void add(const PassResult& pass);
  void add(const EightBitShare& part) {
    eight_ += part.eight_;
    decided_ += part.decided_;
  }
  double value() const { return decided_ == 0 ? 0.0 : static_cast<double>(eight_) / static_cast<double>(decided_); }

 private:
  std::uint64_t eight_ = 0, decided_ = 0;
};

/// Throws usage_error when `needed` positions are more than `model` or `device` (may be null) has; `flags` says what needs
/// them.
void check_positions(const model::ModelConfig& config, const Device* device, long long needed, const std::string& flags);

/// Refuses, before anything is computed, what the device would refuse on the way: more positions than it has, or a prompt in
/// several passes under a width rule that ranks all of it.
void check_sequence(const Device& device, int prompt, int decode, int chunk, const std::string& flags);

/// Refuses in the same way, and for ids outside the vocabulary, what run_in_chunks() would refuse; `what` names the ids.
void check_read(const Device& device, const std::vector<int>& ids, int chunk, const std::string& what);

/// Runs ids in passes of at most `chunk` tokens after the device's position and hands each result to `each`. With kLast the
/// result of the last pass holds the row that counts.
void run_in_chunks(Device& device, const std::vector<int>& ids, int chunk, RowRange rows,
                   const std::function<void(const PassResult&)>& each);

}  // namespace squat::engine
