// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/decoder_share.hpp"

namespace squat::backends::cpu {
namespace {

/// Channels are shared in whole blocks, so that no row is computed twice.
constexpr int kChannelStep = block_rows(4);

Share channels_of(int inner, int number, int shares) {
  Share blocks(round_up(inner, kChannelStep) / kChannelStep, number, shares);
  blocks.first = std::min(blocks.first * kChannelStep, inner);
  blocks.last = std::min(blocks.last * kChannelStep, inner);
  return blocks;
}

model::ModelConfig with_heads(model::ModelConfig c, Share heads) {
  c.heads = (heads.last - heads.first) * (c.heads / c.kv_heads);
  return c;
}

/// Results for `rows` rows that may begin and end within a block.
std::size_t block_space(int rows) { return to_size(rows + 2 * block_rows(4)); }

}  // namespace

DecoderShare::DecoderShare(const model::IntegerModel& m, const KernelSet& kernels, int number_, int shares)
    : number(number_),
      heads(m.config.kv_heads, number_, shares),
      channels(channels_of(m.config.intermediate_size, number_, shares)),
      columns_per_head(m.config.heads / m.config.kv_heads * m.config.head_dim),
      residual(to_size(m.config.hidden_size)),
      sums(to_size(m.config.hidden_size)),
      cos(to_size(m.config.head_dim) / 2),
      sin(cos.size()),
      k(block_space((heads.last - heads.first) * m.config.head_dim)),
      v(k.size()),
      weighed(to_size(m.config.head_dim)),
      gate(block_space(channels.last - channels.first)),
      up(gate.size()),
      cache_code(to_size(m.config.head_dim)),
      attention(with_heads(m.config, heads), kernels),
      attention_part(to_size(m.config.hidden_size)),
      mlp_part(to_size(m.config.hidden_size)) {
  q.resize(block_space((heads.last - heads.first) * columns_per_head));
  codes.resize(1, m.config.hidden_size);
  attended.resize(1, m.config.q_size());
  inner.resize(1, m.config.intermediate_size);
  if (shares == 1) return;
  for (const model::IntLayer& layer : m.layers) {
    o.push_back(pack_columns(layer.o, kernels, columns().first, columns().last));
    down.push_back(pack_columns(layer.down, kernels, channels.first, channels.last));
  }
}

Share DecoderShare::columns() const {
  Share share = heads;
  share.first *= columns_per_head;
  share.last *= columns_per_head;
  return share;
}

}  // namespace squat::backends::cpu
