// SPDX-License-Identifier: Apache-2.0
// The limits of this machine's processor, measured in the run that they are compared with.
#pragma once

#include <map>
#include <string>
#include <utility>

namespace squat::cli {

class CpuRoof {
 public:
  /// `kernel` and `threads` as for the CPU device.
  CpuRoof(std::string kernel, int threads) : kernel_(std::move(kernel)), threads_(threads) {}

  /// Milliseconds in which plain vector loads read that many bytes, again and again: from a cache when they fit one, as the
  /// weights of a small model do. The fastest of at least five rounds.
  double read_ms(double bytes);

  /// Multiply-adds per millisecond of the kernel's own products, 128 tokens by a matrix, both in the second-level cache:
  /// weights of 4 or 8 bits, codes of 8 bits or (`four_bit`) of 4. The fastest of at least five rounds.
  double macs_per_ms(int weight_bits, bool four_bit);

  /// The same of FP16 weights with FP32 activations.
  double half_macs_per_ms();

 private:
  std::string kernel_;
  int threads_;
  std::map<std::size_t, double> reads_;
  std::map<std::pair<int, bool>, double> rates_;
};

}  // namespace squat::cli
