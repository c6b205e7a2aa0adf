// SPDX-License-Identifier: Apache-2.0
#include "host/engine/generation.hpp"

#include <algorithm>
#include <chrono>

#include "host/engine/scoped_tap.hpp"

namespace squat::engine {

std::vector<std::optional<int>> Generation::read(const std::vector<int>& ids, int chunk) {
  std::vector<std::optional<int>> eight;
  std::vector<int> shown;  // of the pass in flight, by the tap
  // The tap shows every tensor, so it is only put up where the counts of a pass do not tell.
  const bool mixed = device_.model().widths.activations == model::Activations::kMixed;
  std::optional<ScopedTap> tap;
  if (widths_ && mixed && ids.size() > 1) {
    tap.emplace(device_, [&shown](int, const std::string& tensor, const std::vector<std::int32_t>& values) {
      if (tensor != "widths") return;
      shown.resize(values.size());
      for (std::size_t t = 0; t < values.size(); ++t) shown[t] += values[t];
    });
  }
  double cycles = 0;
  const auto start = std::chrono::steady_clock::now();
  run_in_chunks(device_, ids, chunk, RowRange::kLast, [&](const PassResult& pass) {
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
  milliseconds_ = clock_mhz_ > 0 && cycles > 0
                      ? cycles / (clock_mhz_ * 1e3)
                      : std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return eight;
}

int Generation::choose() const { return static_cast<int>(std::max_element(row_.begin(), row_.end()) - row_.begin()); }

Stop Generation::extend(int limit, const std::function<bool(int id)>& chosen,
                        const std::function<void(std::optional<int> eight_bit_layers)>& was_read) {
  for (int made = 1;; ++made) {
    const int id = choose();
    if (!chosen(id)) return Stop::kAsked;
    if (id == device_.model().config.eos_id) return Stop::kEnd;
    if (made == limit) return Stop::kLength;
    if (device_.position() == device_.context()) return Stop::kContext;
    const std::optional<int> eight = read({id}, 1).front();
    if (was_read) was_read(eight);
  }
}

void Generation::reset() {
  device_.reset();
  row_.clear();
}

}  // namespace squat::engine
