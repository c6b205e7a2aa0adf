// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "host/engine/pass_builder.hpp"

namespace squat::engine {

using model::IntLayer;

void PassBuilder::attention(int l) {
  const IntLayer& layer = m_.layers[static_cast<std::size_t>(l)];
  const LayerPlan& plan = image_.layers[static_cast<std::size_t>(l)];
  const std::uint32_t before = u32(l) & 1U;  // widths of layer l-1
  const std::uint32_t own = before ^ 1U;
  const std::size_t half = u32(l) & 1U;
  program_.at({l, Role::kAttentionNorm});
  norm(layer.input_norm, 0, before, input_gain_, residual_);

  // The first of the commands that need biases waits for them; the others follow it in the same unit.
  program_.at({l, Role::kK});
  Command k = linear(plan.k, b_.normed, before, b_.banded);
  rope_output(k, layer.k_rope, before, b_.key).set(spec::kGemmSlotOffset, position_ % 16);
  const Event keys = program_.emit(k, {normed_, rope_, input_bias_[half]});
  const Event appended_k = append_k(l, keys);
  const Event mlp_gain = load_norm(l, plan.mlp_norm, 1);

  // Uniform widths are known beforehand: the values are in the cache before the scores are needed. In mixed models they must
  // wait for the token control, and their projection hides it.
  Event appended_v{};
  if (!mixed_) appended_v = append_v(l, layer, own, project_v(l, plan, before), Event{});

  program_.at({l, Role::kQ});
  Command q = linear(plan.q, b_.normed, before, b_.banded);
  rope_output(q, layer.q_rope, before, b_.query).set(spec::kGemmOKs, b_.scores_banded ? u32(c_.head_dim / 4) : 0);
  const Event queries = program_.emit(q, {normed_, rope_});

  // Two score buffers: head h waits for the softmax of head h-2.
  std::vector<Event> probable;
  for (int h = 0; h < c_.heads; ++h) {
    const Event free = h < 2 ? Event{} : probable[static_cast<std::size_t>(h) - 2];
    probable.push_back(softmax(l, h, layer, scores(l, h, appended_k, queries, free)));
  }
  if (mixed_) {
    const Event raw = project_v(l, plan, before);
    program_.at({l, Role::kTclm});
    const Event widths = program_.emit(width_command(l, own));
    appended_v = append_v(l, layer, own, raw, widths);
    probable.assign(probable.size(), widths);
  }
  if (l + 1 < c_.layers) {
    input_gain_ = load_norm(l + 1, image_.layers[static_cast<std::size_t>(l) + 1].input_norm, 0);
    if (c_.gpt2()) load_biases(l + 1);
  }

  Event attended{};
  for (int h = 0; h < c_.heads; ++h) attended = values(l, h, layer, own, appended_v, probable[static_cast<std::size_t>(h)]);

  program_.at({l, Role::kO});
  Command o = linear(plan.o, b_.attention, own, b_.banded);
  to_region(o.set(spec::kGemmPost, spec::kPostResidual), b_.residual).set(spec::kGemmM0, spec::kGemmS0, layer.o_residual);
  residual_ = program_.emit(o, {attended, output_bias_[half]});
  program_.at({l, Role::kMlpNorm});
  norm(layer.mlp_norm, 1, own, mlp_gain, residual_);
}

Event PassBuilder::project_v(int l, const LayerPlan& plan, std::uint32_t table) {
  program_.at({l, Role::kV});
  Command v = linear(plan.v, b_.normed, table, b_.banded);
  to_region(v.set(spec::kGemmPost, spec::kPostRaw), b_.value);
  return program_.emit(v, {normed_});
}

Command PassBuilder::width_command(int l, std::uint32_t own) const {
  return tclm(own, m_.widths.rule, u32(l))
      .set(spec::kTclmCount, 1)
      .set(spec::kTclmRhoNum, m_.widths.rho_num)
      .set(spec::kTclmThreshold, m_.widths.thresholds.empty() ? 0 : m_.widths.thresholds[static_cast<std::size_t>(l)])
      .set(spec::kTclmSeed, m_.widths.seed)
      .set(spec::kTclmEightBefore, pass_.eight_before.empty() ? 0 : pass_.eight_before[static_cast<std::size_t>(l)]);
}

Command& PassBuilder::rope_output(Command& c, hls::Requant r, std::uint32_t table, const Region& region) const {
  return to_region(c, region)
      .set(spec::kGemmPost, spec::kPostRope)
      .set(spec::kGemmOutTable, table)
      .set(spec::kGemmLog2HeadDim, log2_of(c_.head_dim))
      .set(spec::kGemmM0, spec::kGemmS0, r);
}

Event PassBuilder::append_k(int l, Event keys) {
  program_.at({l, Role::kAppendK});
  return program_.emit(command(spec::kOpAppendK, spec::kUnitIo)
                           .set(spec::kAppendKTokens, tokens_)
                           .set(spec::kAppendKFirstPosition, position_)
                           .set(spec::kAppendKKvHeads, u32(c_.kv_heads))
                           .set(spec::kAppendKABase, b_.key.base)
                           .set(spec::kAppendKAStride, b_.key.stride)
                           .set(spec::kAppendKLog2HeadDim, log2_of(c_.head_dim))
                           .set(spec::kAppendKDst, kv_.k(l, 0))
                           .set(spec::kAppendKHeadStride, kv_.k_head_stride),
                       {keys});
}

Event PassBuilder::append_v(int l, const IntLayer& layer, std::uint32_t own, Event raw, Event widths) {
  program_.at({l, Role::kAppendV});
  return program_.emit(command(spec::kOpAppendV, spec::kUnitIo)
                           .set(spec::kAppendVOutTable, own)
                           .set(spec::kAppendVTokens, tokens_)
                           .set(spec::kAppendVFirstPosition, position_)
                           .set(spec::kAppendVKvHeads, u32(c_.kv_heads))
                           .set(spec::kAppendVXBase, b_.value.base)
                           .set(spec::kAppendVXStride, b_.value.stride)
                           .set(spec::kAppendVLog2HeadDim, log2_of(c_.head_dim))
                           .set(spec::kAppendVM0, spec::kAppendVS0, layer.v_code)
                           .set(spec::kAppendVDst, kv_.v(l, 0))
                           .set(spec::kAppendVHeadStride, kv_.v_head_stride)
                           .set(spec::kAppendVTileStride, kv_.v_tile_stride),
                       {raw, widths});
}

Event PassBuilder::scores(int l, int h, Event appended, Event queries, Event buffer_free) {
  program_.at({l, Role::kScores, h});
  const auto head_dim = u32(c_.head_dim);
  const std::uint32_t tiles_less_one = wide(b_.key_tiles, head_dim / 2, b_.scores_banded, true);
  program_.emit(command(spec::kOpLoad, spec::kUnitLoad)
                    .set(spec::kLoadBase, 1)
                    .set(spec::kLoadOffset, kv_.k(l, h / (c_.heads / c_.kv_heads)))
                    .set(spec::kLoadBankStride, head_dim / 2)
                    .set(spec::kLoadTileStride, 2 * head_dim)
                    .set(spec::kLoadWords, head_dim / 2)
                    .set(spec::kLoadTiles, b_.key_tiles)
                    .set(spec::kLoadWide, load_wide(tiles_less_one, b_.scores_banded))
                    .set(spec::kLoadSummed, copy_of(h) < kSummedCopies ? 1 : 0)
                    .set(spec::kLoadTurn, copy_of(h) % kSummedCopies)
                    .set(spec::kLoadPositions, position_ + tokens_),
                {appended});
  const std::uint32_t column = u32(h) * (b_.scores_banded ? head_dim / 4 : head_dim);
  Command c = gemm(head_dim / 4, b_.key_tiles, Region{b_.query.base + column, b_.query.stride});
  to_region(c, b_.score[h & 1])
      .set(spec::kGemmBanded, b_.scores_banded ? 1 : 0)
      .set(spec::kGemmWide, tiles_less_one)
      .set(spec::kGemmCausal, 1)
      .set(spec::kGemmMode, 1)
      .set(spec::kGemmPost, spec::kPostRaw);
  return program_.emit(c, {queries, buffer_free});
}

Event PassBuilder::softmax(int l, int h, const IntLayer& layer, Event scored) {
  program_.at({l, Role::kSoftmax, h});
  const Region& score = b_.score[h & 1];
  return program_.emit(command(spec::kOpSoftmax, spec::kUnitVec)
                           .set(spec::kSoftmaxFirstHead, h == 0 ? 1 : 0)
                           .set(spec::kSoftmaxTokens, tokens_)
                           .set(spec::kSoftmaxFirstPosition, position_)
                           .set(spec::kSoftmaxSBase, score.base)
                           .set(spec::kSoftmaxSStride, score.stride)
                           .set(spec::kSoftmaxM0, spec::kSoftmaxS0, layer.score)
                           .set(spec::kSoftmaxOBase, b_.probability.base + u32(h) * b_.probability_step)
                           .set(spec::kSoftmaxOStride, b_.probability.stride)
                           .set(spec::kSoftmaxOKs, b_.banded ? b_.values_ks : 0)
                           .set(spec::kSoftmaxOWords, b_.values_ks * 4 / 16),
                       {scored});
}

Event PassBuilder::values(int l, int h, const IntLayer& layer, std::uint32_t own, Event appended, Event ready) {
  program_.at({l, Role::kValues, h});
  const std::uint32_t tiles = u32(c_.head_dim / 32);
  const std::uint32_t tiles_less_one = wide(tiles, 2 * b_.values_ks, b_.banded, true);
  program_.emit(command(spec::kOpLoad, spec::kUnitLoad)
                    .set(spec::kLoadBase, 1)
                    .set(spec::kLoadOffset, kv_.v(l, h / (c_.heads / c_.kv_heads)))
                    .set(spec::kLoadBankStride, 2 * b_.values_ks)
                    .set(spec::kLoadTileStride, kv_.v_tile_stride)
                    .set(spec::kLoadWords, 2 * b_.values_ks)
                    .set(spec::kLoadTiles, tiles)
                    .set(spec::kLoadWide, load_wide(tiles_less_one, b_.banded))
                    .set(spec::kLoadSummed, copy_of(h) < kSummedCopies ? 2 : 0)
                    .set(spec::kLoadTurn, copy_of(h) % kSummedCopies)
                    .set(spec::kLoadPositions, position_ + tokens_),
                {appended});
  Command c = gemm(b_.values_ks, tiles, Region{b_.probability.base + u32(h) * b_.probability_step, b_.probability.stride});
  to_region(c, b_.attention)
      .set(spec::kGemmBanded, b_.banded ? 1 : 0)
      .set(spec::kGemmWide, tiles_less_one)
      .set(spec::kGemmCausal, b_.banded ? 0 : 2)
      .set(spec::kGemmMode, 2)
      .set(spec::kGemmPost, spec::kPostCode)
      .set(spec::kGemmOutTable, own)
      .set(spec::kGemmM0, spec::kGemmS0, layer.o_in)
      .set(spec::kGemmOKs, band_slice(b_.attention))
      .set(spec::kGemmOColumn, u32(h * c_.head_dim));
  return program_.emit(c, {ready});
}

}  // namespace squat::engine
