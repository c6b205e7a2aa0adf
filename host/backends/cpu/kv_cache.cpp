// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/kv_cache.hpp"

#include <algorithm>

#include "hls/softmax.hpp"

namespace squat::backends::cpu {
namespace {

std::size_t product(int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

}  // namespace

KvCache::KvCache(const model::ModelConfig& config, const KernelSet& kernels)
    : group_(kernels.group),
      head_dim_(config.head_dim),
      padded_dim_(round_up(config.head_dim, kColumnPad)),
      capacity_(round_up(std::min(config.max_positions, hls::kMaxKeys), kLanes)),
      key_head_(product(capacity_, padded_dim_)),
      value_head_(product(capacity_, round_up(config.head_dim, kLanes))),
      flip_keys_(kernels.flip8),
      flip_values_(kernels.flip_values) {
  for (int l = 0; l < config.layers; ++l) {
    keys_.push_back(aligned_bytes(static_cast<std::size_t>(config.kv_heads) * key_head_));
    values_.push_back(aligned_bytes(static_cast<std::size_t>(config.kv_heads) * value_head_));
  }
}

std::uint8_t* KvCache::head(const std::vector<AlignedArray<std::uint8_t>>& half, int layer, int head, std::size_t size) const {
  return half[static_cast<std::size_t>(layer)].get() + static_cast<std::size_t>(head) * size;
}

std::size_t KvCache::key_offset(int position, int channel) const {
  return product(position / kLanes, kLanes * padded_dim_) + lane_offset(group_, position % kLanes, channel);
}

std::size_t KvCache::value_offset(int position, int channel) const {
  return product(channel / kLanes, kLanes * capacity_) + lane_offset(group_, channel % kLanes, position);
}

void KvCache::store_key(int layer, int h, int position, const std::int8_t* codes) {
  std::uint8_t* to = head(keys_, layer, h, key_head_) + key_offset(position, 0);
  for (int i = 0; i < head_dim_; i += group_, to += kLanes * group_) {
    for (int k = 0; k < std::min(group_, head_dim_ - i); ++k) {
      to[k] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(codes[i + k]) ^ flip_keys_);
    }
  }
}

void KvCache::store_value(int layer, int h, int position, const std::int8_t* codes) {
  std::uint8_t* to = head(values_, layer, h, value_head_) + value_offset(position, 0);
  for (int i = 0; i < head_dim_; i += kLanes, to += product(kLanes, capacity_)) {
    for (int lane = 0; lane < std::min(kLanes, head_dim_ - i); ++lane) {
      to[lane * group_] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(codes[i + lane]) ^ flip_values_);
    }
  }
}

void KvCache::read_key(int layer, int h, int position, std::int8_t* codes) const {
  const std::uint8_t* from = head(keys_, layer, h, key_head_);
  for (int i = 0; i < head_dim_; ++i) codes[i] = static_cast<std::int8_t>(from[key_offset(position, i)] ^ flip_keys_);
}

void KvCache::read_value(int layer, int h, int position, std::int8_t* codes) const {
  const std::uint8_t* from = head(values_, layer, h, value_head_);
  for (int i = 0; i < head_dim_; ++i) codes[i] = static_cast<std::int8_t>(from[value_offset(position, i)] ^ flip_values_);
}

Product KvCache::keys(int layer, int h, int positions) const {
  Product p;
  p.weights = head(keys_, layer, h, key_head_);
  p.block_stride = product(kLanes, padded_dim_);
  p.groups = padded_dim_ / group_;
  p.rows = positions;
  return p;
}

Product KvCache::values(int layer, int h, int positions) const {
  Product p;
  p.weights = head(values_, layer, h, value_head_);
  p.block_stride = product(kLanes, capacity_);
  p.groups = round_up(positions, kColumnPad) / group_;
  p.rows = head_dim_;
  return p;
}

}  // namespace squat::backends::cpu
