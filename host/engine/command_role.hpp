// SPDX-License-Identifier: Apache-2.0
// What a command of a pass is for: its layer, its role there, and its head.
#pragma once

#include <array>
#include <cstddef>

namespace squat::engine {

/// Roles in the order of a layer's computation. A load has the role of the product that consumes it.
enum class Role {
  kSetup,       ///< RoPE steps and table, the first width tables
  kEmbedding,   ///< embedding and position rows
  kParameters,  ///< gains, offsets and biases
  kAttentionNorm,
  kK,
  kQ,
  kV,
  kAppendK,
  kAppendV,
  kScores,
  kSoftmax,
  kTclm,
  kValues,
  kO,
  kMlpNorm,
  kGateUp,  ///< GPT-2: c_fc
  kDown,    ///< GPT-2: the MLP's second projection
  kFinalNorm,
  kHead,
};

constexpr const char* role_name(Role role) {
  constexpr std::array<const char*, 19> kNames = {
      "setup",    "embedding", "parameters", "attention_norm", "k",    "q",      "v",
      "append_k", "append_v",  "scores",     "softmax",        "tclm", "values", "o",
      "mlp_norm", "gate_up",   "down",       "final_norm",     "head"};
  return kNames[static_cast<std::size_t>(role)];
}

/// The linear layers of a decoder layer, whose width is that of its tokens. The head is none: it multiplies one row.
constexpr bool is_linear(Role role) {
  return role == Role::kK || role == Role::kQ || role == Role::kV || role == Role::kO || role == Role::kGateUp ||
         role == Role::kDown;
}

struct Place {
  int layer = -1;  ///< -1: outside the layers
  Role role = Role::kSetup;
  int head = -1;  ///< attention only
};

}  // namespace squat::engine
