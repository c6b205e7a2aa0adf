// SPDX-License-Identifier: Apache-2.0
// Tiny shapes and seeded batches for tests that need no development data.
#pragma once

#include <cstdint>
#include <random>

#include "qat/model/decoder.hpp"

namespace squat::test {

inline model::ModelConfig small_llama(int kv_heads = 2, bool tied = false) {
  model::ModelConfig c;
  c.vocab_size = 19;
  c.hidden_size = 16;
  c.intermediate_size = 24;
  c.layers = 2;
  c.heads = 4;
  c.kv_heads = kv_heads;
  c.head_dim = 4;
  c.max_positions = 160;
  c.tied = tied;
  return c;
}

inline model::ModelConfig small_gpt2() {
  model::ModelConfig c = small_llama(4, true);
  c.model_type = "gpt2";
  c.rms_norm_eps = 1e-5;
  return c;
}

inline qat::Batch random_batch(int sequences, int length, int vocab, std::uint32_t seed) {
  std::mt19937 random(seed);
  qat::Batch batch;
  batch.sequences = sequences;
  batch.length = length;
  for (int i = 0; i < sequences * length; ++i) {
    batch.tokens.push_back(static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(vocab)));
  }
  return batch;
}

/// Weights large enough that every path matters.
template <typename S>
void spread_weights(qat::BasicParameterSet<S>& parameters, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < parameters.count(); ++i) {
    const qat::ParameterInfo& info = parameters.info(i);
    if (info.kind == qat::ParameterKind::kScale || info.kind == qat::ParameterKind::kZeroPoint) continue;
    const bool gain = info.kind == qat::ParameterKind::kNorm && info.name.find("bias") == std::string::npos;
    for (std::size_t j = 0; j < info.size; ++j) {
      const double uniform = static_cast<double>(random()) / 4294967296.0 - 0.5;
      parameters.value(i)[j] = static_cast<S>(gain ? 1.0 + 0.4 * uniform : 1.2 * uniform);
    }
  }
}

}  // namespace squat::test
