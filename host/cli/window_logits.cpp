// SPDX-License-Identifier: Apache-2.0
#include "host/cli/window_logits.hpp"

#include "hls/token_control.hpp"

namespace squat::cli {

evaluate::LogitsFunction logits_of(engine::Device& device, std::vector<std::int32_t>& logits, engine::EightBitShare& share,
                                   engine::RowRange rows) {
  return [&device, &logits, &share, rows](const int* ids, int tokens) {
    device.reset();
    logits.clear();
    engine::run_in_chunks(device, std::vector<int>(ids, ids + tokens), hls::kMaxChunk, rows,
                          [&](const engine::PassResult& pass) {
                            share.add(pass);
                            if (rows == engine::RowRange::kLast) logits.clear();
                            logits.insert(logits.end(), pass.logits.begin(), pass.logits.end());
                          });
    return evaluate::LogitsView{nullptr, logits.data(), device.model().logit_scale};
  };
}

evaluate::LogitsFunction logits_of(reference::FloatReference& reference, engine::RowRange rows) {
  return [&reference, rows](const int* ids, int tokens) {
    const std::ptrdiff_t first = rows == engine::RowRange::kLast ? tokens - 1 : 0;
    return evaluate::LogitsView{reference.forward(ids, tokens).data() + first * reference.config().vocab_size, nullptr, 1.0};
  };
}

}  // namespace squat::cli
