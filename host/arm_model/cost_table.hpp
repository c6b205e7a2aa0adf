// SPDX-License-Identifier: Apache-2.0
// Counted instructions and modelled cycles of the CPU device's operations on one Arm core, from costs.json.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace squat::arm_model {

/// Of scripts/arm_works.py, in this order.
enum class Operation {
  kGemv4,
  kGemv4FourBit,
  kGemv8,
  kGemm4,
  kGemm4FourBit,
  kGemm8,
  kValues,
  kValuesMany,
  kNorm,
  kLayerNorm,
  kRope,
  kSoftmax,
  kSilu,
  kGelu,
  kRequantize,
  kResidual,
  kCache,
};
constexpr std::size_t kOperations = 17;

struct Cost {
  double instructions = 0;
  double least_cycles = 0, most_cycles = 0;  ///< by the models that were asked

  Cost& operator+=(const Cost& other) {
    instructions += other.instructions;
    least_cycles += other.least_cycles;
    most_cycles += other.most_cycles;
    return *this;
  }
};

class CostTable {
 public:
  /// Throws an Error (internal) when costs.json lacks the kernel set or the core.
  CostTable(const std::string& kernel, const std::string& core);

  /// Of `items` items whose sizes sum up to `sum`: the cost of an item is linear in its size. What an item and its size are:
  /// scripts/arm_works.py.
  Cost of(Operation operation, double items, double sum) const;

 private:
  struct Linear {
    Cost fixed, per_size;
  };
  std::array<Linear, kOperations> costs_;
};

/// What counted and modelled: compiler, emulator and llvm-mca with their versions.
std::string cost_tools();

/// Counted instructions of a whole pass of LLaMA-58M, "dotprod token" and the like: what the sum of operations is checked with.
double counted_pass(const std::string& name);

}  // namespace squat::arm_model
