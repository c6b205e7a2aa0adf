// SPDX-License-Identifier: Apache-2.0
// Collects what a device's tap shows during one pass.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "host/engine/device.hpp"

namespace squat::test {

using Tensor = std::vector<std::int32_t>;
using Tensors = std::map<std::pair<int, std::string>, Tensor>;

inline std::vector<int> make_ids(int count, int vocab, unsigned salt = 0) {
  std::vector<int> ids;
  for (int i = 0; i < count; ++i)
    ids.push_back(static_cast<int>((static_cast<unsigned>(i) * 7919U + 31U + salt * 101U) % static_cast<unsigned>(vocab)));
  return ids;
}

/// Runs one pass and returns every tensor by (layer, name); the pass's own result in `result`.
inline Tensors tapped_run(engine::Device& device, const std::vector<int>& ids, engine::RowRange rows,
                          engine::PassResult& result) {
  Tensors tensors;
  device.set_tap([&](int layer, const std::string& name, const Tensor& values) { tensors[{layer, name}] = values; });
  result = device.run(ids, rows);
  device.set_tap({});
  return tensors;
}

}  // namespace squat::test
