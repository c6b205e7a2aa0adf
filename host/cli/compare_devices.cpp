// SPDX-License-Identifier: Apache-2.0
#include "host/cli/compare_devices.hpp"

#include <algorithm>

#include "host/engine/scoped_tap.hpp"

namespace squat::cli {
namespace {

struct Tensor {
  int layer = 0;
  std::string name;
  std::vector<std::int32_t> values;
};

/// Everything one device computed in one pass.
std::vector<Tensor> tensors_of(engine::Device& device, const std::vector<int>& ids, bool tapped) {
  std::vector<Tensor> tensors;
  std::optional<engine::ScopedTap> tap;
  if (tapped) {
    tap.emplace(device, [&](int layer, const std::string& name, const std::vector<std::int32_t>& values) {
      tensors.push_back({layer, name, values});
    });
  }
  const engine::PassResult pass = device.run(ids, engine::RowRange::kAll);
  tap.reset();
  for (std::size_t l = 0; l < pass.eight_tokens_per_layer.size(); ++l) {
    const int layer = static_cast<int>(l);
    const engine::CachedLayer cache = device.cached(layer);
    tensors.push_back({layer, "cached_keys", {cache.keys.begin(), cache.keys.end()}});
    tensors.push_back({layer, "eight_tokens", {static_cast<std::int32_t>(pass.eight_tokens_per_layer[l])}});
    tensors.push_back({layer, "cached_values", {cache.values.begin(), cache.values.end()}});
  }
  tensors.push_back({device.model().config.layers, "logits", pass.logits});
  return tensors;
}

/// Compares two passes; a tensor that one side lacks differs in its size.
std::optional<Difference> first_difference(const std::vector<Tensor>& a, const std::vector<Tensor>& b, std::uint64_t& values) {
  for (std::size_t t = 0; t < std::max(a.size(), b.size()); ++t) {
    const Tensor& named = t < a.size() ? a[t] : b[t];
    if (t >= a.size() || t >= b.size() || a[t].name != b[t].name || a[t].layer != b[t].layer) {
      return Difference{0, named.layer, named.name + " (only on one device)", t, t < a.size(), t < b.size()};
    }
    const auto [x, y] = std::mismatch(a[t].values.begin(), a[t].values.end(), b[t].values.begin(), b[t].values.end());
    const auto index = static_cast<std::size_t>(x - a[t].values.begin());
    values += index;
    if (x != a[t].values.end() && y != b[t].values.end()) return Difference{0, named.layer, named.name, index, *x, *y};
    if (a[t].values.size() != b[t].values.size()) {
      return Difference{0,
                        named.layer,
                        named.name + " (size)",
                        index,
                        static_cast<std::int64_t>(a[t].values.size()),
                        static_cast<std::int64_t>(b[t].values.size())};
    }
  }
  return std::nullopt;
}

}  // namespace

Comparison compare_devices(engine::Device& a, engine::Device& b, const std::vector<int>& ids, int prompt, int chunk,
                           const std::function<void(int done, int total)>& progress) {
  a.reset();
  b.reset();
  Comparison result;
  const engine::Tap nothing = [](int, const std::string&, const std::vector<std::int32_t>&) {};
  result.tensors = engine::ScopedTap(a, nothing).shows() && engine::ScopedTap(b, nothing).shows();
  const int total = static_cast<int>(ids.size());
  for (int at = 0; at < total;) {
    const int tokens = at < prompt ? std::min(chunk, prompt - at) : 1;
    const std::vector<int> pass(ids.begin() + at, ids.begin() + at + tokens);
    result.difference =
        first_difference(tensors_of(a, pass, result.tensors), tensors_of(b, pass, result.tensors), result.values);
    if (result.difference) {
      result.difference->pass = result.passes;
      return result;
    }
    ++result.passes;
    at += tokens;
    progress(at, total);
  }
  return result;
}

}  // namespace squat::cli
