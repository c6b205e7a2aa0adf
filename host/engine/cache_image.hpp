// SPDX-License-Identifier: Apache-2.0
// The accelerator's key-value cache, from its layout in DDR (docs/develop/accelerator.md, "KV cache") to the model's order.
#pragma once

#include <cstdint>

#include "host/engine/buffer_plan.hpp"
#include "host/engine/device.hpp"

namespace squat::engine {

/// Keys and values of the first `positions` positions from a layer's part of the cache, layer_stride units long.
CachedLayer unpack_cache(const model::ModelConfig& config, const KvPlan& plan, const std::uint8_t* layer, int positions);

}  // namespace squat::engine
