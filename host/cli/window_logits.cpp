// SPDX-License-Identifier: Apache-2.0
#include "host/cli/window_logits.hpp"

#include "hls/token_control.hpp"

namespace squat::cli {

evaluate::LogitsFunction logits_of(engine::Device& device, std::vector<std::int32_t>& logits, EightBitShare& share) {
  return [&device, &logits, &share](const int* ids, int tokens) {
    device.reset();
    logits.clear();
    run_in_chunks(device, std::vector<int>(ids, ids + tokens), hls::kMaxChunk, engine::RowRange::kAll,
                  [&](const engine::PassResult& pass) {
                    share.add(pass);
                    logits.insert(logits.end(), pass.logits.begin(), pass.logits.end());
                  });
    return evaluate::LogitsView{nullptr, logits.data(), device.model().logit_scale};
  };
}

evaluate::LogitsFunction logits_of(reference::FloatReference& reference) {
  return [&reference](const int* ids, int tokens) {
    return evaluate::LogitsView{reference.forward(ids, tokens).data(), nullptr, 1.0};
  };
}

}  // namespace squat::cli
