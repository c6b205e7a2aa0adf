// SPDX-License-Identifier: Apache-2.0
// The places of a forward pass where values are observed and, in fake-quantised mode, rounded.
#pragma once

#include <functional>

namespace squat::reference {

/// The first nine are quantisation sites; the others are only observed.
enum class Site {
  kIn,         ///< input of q, k, v: (tokens, hidden)
  kQ,          ///< queries after rotation (GPT-2 has none): (tokens, heads * head_dim)
  kK,          ///< keys after rotation: (tokens, kv_heads * head_dim)
  kV,          ///< values: (tokens, kv_heads * head_dim)
  kP,          ///< one head's probabilities of one token: (1, position + 1)
  kO,          ///< input of the o projection: (tokens, heads * head_dim)
  kGu,         ///< input of gate and up, or of GPT-2's c_fc: (tokens, hidden)
  kD,          ///< input of the down projection, or of the MLP's c_proj: (tokens, intermediate)
  kHeadInput,  ///< input of lm_head, layer = number of layers: (tokens, hidden)
  kGate,       ///< gate projection: (tokens, intermediate); never in GPT-2
  kUp,         ///< up projection, or c_fc: (tokens, intermediate)
  kResidual,   ///< residual stream after the layer: (tokens, hidden)
};

/// Short name used in reports: "in", "q", "k", "v", "p", "o", "gu", "d", "hin", "gate", "up", "residual".
const char* site_name(Site site);

/// Called with the values of a site before they are rounded; row-major (rows, cols), valid during the call only.
using SiteHook = std::function<void(Site site, int layer, const float* values, int rows, int cols)>;

}  // namespace squat::reference
