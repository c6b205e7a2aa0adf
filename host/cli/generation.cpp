// SPDX-License-Identifier: Apache-2.0
#include "host/cli/generation.hpp"

#include <algorithm>
#include <chrono>

namespace squat::cli {

std::vector<std::optional<int>> Generation::read(const std::vector<int>& ids, int chunk) {
  engine::Device& device = *opened_.device;
  std::vector<std::optional<int>> eight;
  std::vector<int> shown;  // of the pass in flight, by the tap
  // The tap shows every tensor, so it is only put up where the counts of a pass do not tell.
  const bool mixed = device.model().widths.activations == model::Activations::kMixed;
  if (widths_ && mixed && ids.size() > 1) {
    device.set_tap([&shown](int, const std::string& tensor, const std::vector<std::int32_t>& values) {
      if (tensor != "widths") return;
      shown.resize(values.size());
      for (std::size_t t = 0; t < values.size(); ++t) shown[t] += values[t];
    });
  }
  double cycles = 0;
  const auto start = std::chrono::steady_clock::now();
  run_in_chunks(device, ids, chunk, engine::RowRange::kLast, [&](const engine::PassResult& pass) {
    share_.add(pass);
    row_ = pass.logits;
    if (pass.counters) cycles += static_cast<double>(pass.counters->cycles);
    const auto tokens = static_cast<std::size_t>(pass.tokens);
    int all = 0;
    bool even = true;  // all tokens alike in every layer
    for (const std::uint32_t count : pass.eight_tokens_per_layer) {
      even = even && (count == 0 || count == tokens);
      all += count == tokens ? 1 : 0;
    }
    for (std::size_t t = 0; t < tokens; ++t) {
      eight.push_back(shown.size() == tokens ? std::optional<int>(shown[t]) : even ? std::optional<int>(all) : std::nullopt);
    }
    shown.clear();
  });
  milliseconds_ = opened_.clock_mhz > 0 && cycles > 0
                      ? cycles / (opened_.clock_mhz * 1e3)
                      : std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  device.set_tap({});
  return eight;
}

int Generation::choose() {
  hash_.add(row_.data(), row_.size());
  return static_cast<int>(std::max_element(row_.begin(), row_.end()) - row_.begin());
}

}  // namespace squat::cli
