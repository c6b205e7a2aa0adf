// SPDX-License-Identifier: Apache-2.0
#include "host/cli/forward.hpp"

#include <algorithm>

namespace squat::cli {

void EightBitShare::add(const engine::PassResult& pass) {
  for (const std::uint32_t eight : pass.eight_tokens_per_layer) {
    eight_ += eight;
    decided_ += static_cast<std::uint64_t>(pass.tokens);
  }
}

void run_in_chunks(engine::Device& device, const std::vector<int>& ids, int chunk, engine::RowRange rows,
                   const std::function<void(const engine::PassResult&)>& each) {
  for (auto begin = ids.begin(); begin != ids.end();) {
    const auto end = begin + std::min<std::ptrdiff_t>(chunk, ids.end() - begin);
    each(device.run({begin, end}, rows));
    begin = end;
  }
}

}  // namespace squat::cli
