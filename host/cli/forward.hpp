// SPDX-License-Identifier: Apache-2.0
// Longer inputs than one pass, and totals over passes.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "host/engine/device.hpp"

namespace squat::cli {

/// Share of 8-bit tokens over layers and passes.
class EightBitShare {
 public:
  void add(const engine::PassResult& pass);
  double value() const { return decided_ == 0 ? 0.0 : static_cast<double>(eight_) / static_cast<double>(decided_); }

 private:
  std::uint64_t eight_ = 0, decided_ = 0;
};

/// Runs ids in passes of at most `chunk` tokens after the device's position and hands each result to `each`. With kLast the
/// result of the last pass holds the row that counts.
void run_in_chunks(engine::Device& device, const std::vector<int>& ids, int chunk, engine::RowRange rows,
                   const std::function<void(const engine::PassResult&)>& each);

}  // namespace squat::cli
