// SPDX-License-Identifier: Apache-2.0
#include "qat/tensor/scratch.hpp"

#include <vector>

namespace squat::qat {
namespace {

constexpr std::size_t kLine = 16;
struct alignas(64) Line {
  float values[kLine];
};

}  // namespace

float* scratch(std::size_t floats) {
  thread_local std::vector<Line> lines;
  if (lines.size() * kLine < floats) lines.resize((floats + kLine - 1) / kLine);
  return lines.front().values;
}

}  // namespace squat::qat
