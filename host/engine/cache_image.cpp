// SPDX-License-Identifier: Apache-2.0
#include "host/engine/cache_image.hpp"

namespace squat::engine {

CachedLayer unpack_cache(const model::ModelConfig& c, const KvPlan& plan, const std::uint8_t* layer, int positions) {
  constexpr std::size_t kCacheTile = 32;
  const auto dim = static_cast<std::size_t>(c.head_dim);
  CachedLayer cached;
  for (std::size_t t = 0; t < static_cast<std::size_t>(positions); ++t) {
    for (int head = 0; head < c.kv_heads; ++head) {
      const std::uint8_t* k = layer + std::size_t{plan.k(0, head)} * 16 + t / kCacheTile * dim * kCacheTile + t % kCacheTile;
      const std::uint8_t* v = layer + std::size_t{plan.v(0, head)} * 16 + t * kCacheTile;
      for (std::size_t d = 0; d < dim; ++d) {
        // A rotated pair lies side by side: channel 2i is dimension i, channel 2i+1 dimension i + head_dim/2.
        const std::size_t channel = d < dim / 2 ? 2 * d : 2 * (d - dim / 2) + 1;
        cached.keys.push_back(static_cast<std::int8_t>(k[channel * kCacheTile]));
        cached.values.push_back(
            static_cast<std::int8_t>(v[d / kCacheTile * std::size_t{plan.v_tile_stride} * 16 + d % kCacheTile]));
      }
    }
  }
  return cached;
}

}  // namespace squat::engine
