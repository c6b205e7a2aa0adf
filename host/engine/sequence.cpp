// SPDX-License-Identifier: Apache-2.0
#include "host/engine/sequence.hpp"

#include <algorithm>

#include "host/engine/pass_rules.hpp"
#include "host/model/width_names.hpp"

namespace squat::engine {

void EightBitShare::add(const PassResult& pass) {
  for (const std::uint32_t eight : pass.eight_tokens_per_layer) {
    eight_ += eight;
    decided_ += static_cast<std::uint64_t>(pass.tokens);
  }
}

void check_positions(const model::ModelConfig& config, const Device* device, long long needed, const std::string& flags) {
  const int context = device != nullptr ? device->context() : config.max_positions;
  if (needed <= context) return;
  const bool own = context < config.max_positions;
  throw usage_error(flags + " need " + std::to_string(needed) + " positions, beyond the " + std::to_string(context) +
                    " positions of " + (own ? "--device " + device->name() : "the model") + "; ask for fewer tokens");
}

void check_sequence(const Device& device, int prompt, int decode, int chunk, const std::string& flags) {
  const model::IntegerModel& m = device.model();
  check_positions(m.config, &device, static_cast<long long>(prompt) + decode, flags);
  const int whole = std::min(chunk, device.longest_whole_pass());
  if (prompt <= whole || m.widths.activations != model::Activations::kMixed || !ranks_whole_pass(m.widths.rule)) return;
  throw usage_error("the width rule " + std::string(model::rule_name(m.widths.rule)) + " ranks the whole prompt, here " +
                    std::to_string(prompt) + " tokens, in one pass, and --device " + device.name() + " takes " +
                    std::to_string(whole) + " in a pass; use a shorter prompt or the budget rule");
}

void check_read(const Device& device, const std::vector<int>& ids, int chunk, const std::string& what) {
  if (ids.empty()) throw usage_error("no " + what + ": expected 1 or more");
  const int position = device.position(), length = static_cast<int>(ids.size());
  check_positions(device.model().config, &device, static_cast<long long>(position) + length, what);
  if (position == 0) check_sequence(device, length, 0, chunk, what);
  int at = position;
  for (auto begin = ids.begin(); begin != ids.end();) {
    const auto end = begin + std::min<std::ptrdiff_t>(chunk, ids.end() - begin);
    const std::vector<int> pass(begin, end);
    check_pass(device.model(), at, pass);
    at += static_cast<int>(pass.size());
    begin = end;
  }
}

void run_in_chunks(Device& device, const std::vector<int>& ids, int chunk, RowRange rows,
                   const std::function<void(const PassResult&)>& each) {
  for (auto begin = ids.begin(); begin != ids.end();) {
    const auto end = begin + std::min<std::ptrdiff_t>(chunk, ids.end() - begin);
    each(device.run({begin, end}, rows));
    begin = end;
  }
}

}  // namespace squat::engine
