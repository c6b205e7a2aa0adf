// SPDX-License-Identifier: Apache-2.0
// Two devices on the same tokens, compared value by value.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/device.hpp"

namespace squat::cli {

/// The first value that differs, in the order of computation.
struct Difference {
  int pass = 0;
  int layer = 0;
  std::string tensor;
  std::size_t index = 0;  ///< into the tensor, row-major; shapes: host/engine/device.hpp
  std::int64_t a = 0, b = 0;
};

struct Comparison {
  std::optional<Difference> difference;
  bool tensors = false;  ///< every intermediate tensor was compared, not only cache, widths and logits
  int passes = 0;
  std::uint64_t values = 0;
};

/// Resets both, runs the first `prompt` ids in passes of at most `chunk` with all rows of logits, then the others one by one.
/// Compares after each pass: intermediate tensors where both show them; of each layer the whole cache and the number of 8-bit
/// tokens; the logits.
Comparison compare_devices(engine::Device& a, engine::Device& b, const std::vector<int>& ids, int prompt, int chunk,
                           const std::function<void(int done, int total)>& progress);

}  // namespace squat::cli
