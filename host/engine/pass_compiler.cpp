// SPDX-License-Identifier: Apache-2.0
#include "host/engine/pass_compiler.hpp"

#include <utility>
#include <vector>

namespace squat::engine {
namespace {

using model::IntegerModel;
using model::IntLayer;
using model::IntNorm;

constexpr std::uint32_t kGainBankWords = 64;

std::uint32_t u32(int value) { return static_cast<std::uint32_t>(value); }

std::uint32_t log2_of(int value) {
  std::uint32_t result = 0;
  while ((1 << result) < value) ++result;
  return result;
}

/// Builds the program of one pass; holds the events that later commands wait for.
class PassBuilder {
 public:
  PassBuilder(const IntegerModel& m, const WeightImage& image, const KvPlan& kv, const IoPlan& io, const BufferPlan& b,
              const Pass& pass)
      : m_(m),
        c_(m.config),
        image_(image),
        kv_(kv),
        io_(io),
        b_(b),
        pass_(pass),
        tokens_(u32(pass.shape.tokens)),
        position_(u32(pass.shape.first_position)),
        grouped_(b.banded ? 0 : 1),
        mixed_(m.widths.activations == model::Activations::kMixed) {}

  Program build() {
    prologue();
    for (int l = 0; l < c_.layers; ++l) {
      attention(l);
      mlp(l);
    }
    if (pass_.logit_rows > 0) head();
    return std::move(program_);
  }

 private:
  Command command(std::uint32_t opcode, std::uint32_t unit) const { return Command(opcode, unit); }

  void prologue() {
    rope_steps_ = program_.emit(command(spec::kOpLoadParams, spec::kUnitIo)
                                    .set(spec::kLoadParamsBuffer, spec::kBufferRope)
                                    .set(spec::kLoadParamsCount, (m_.rope_step.size() + 15) / 16 * 16)
                                    .set(spec::kLoadParamsSrc, image_.rope_step));
    input_gain_ = load_norm(image_.layers.front().input_norm, 0);
    residual_ = program_.emit(residual_rows(io_.embedding, m_.embed_residual));
    if (c_.gpt2()) {
      residual_ = program_.emit(residual_rows(io_.positions, m_.position_residual).set(spec::kLoadResidualAdd, 1));
      load_biases(0);
    }
    rope_ = program_.emit(command(spec::kOpRopeTable, spec::kUnitVec)
                              .set(spec::kRopeTableTokens, tokens_)
                              .set(spec::kRopeTableFirstPosition, position_)
                              .set(spec::kRopeTableLog2HeadDim, log2_of(c_.head_dim)),
                          {rope_steps_});
    // Uniform models keep these two tables for the whole pass; mixed ones start layer 0 with 8 bits everywhere.
    const bool four = m_.widths.activations == model::Activations::k4;
    for (std::uint32_t table = 0; table < 2; ++table) {
      program_.emit(tclm(table, four ? hls::WidthRule::kAll4 : hls::WidthRule::kAll8, 0));
    }
  }

  Command tclm(std::uint32_t table, hls::WidthRule rule, std::uint32_t layer) const {
    return command(spec::kOpTclm, spec::kUnitVec)
        .set(spec::kTclmOutTable, table)
        .set(spec::kTclmRule, static_cast<std::uint32_t>(rule))
        .set(spec::kTclmTokens, tokens_)
        .set(spec::kTclmFirstPosition, position_)
        .set(spec::kTclmLayer, layer);
  }

  Command residual_rows(std::uint32_t source, hls::Requant r) const {
    return command(spec::kOpLoadResidual, spec::kUnitIo)
        .set(spec::kLoadResidualTokens, tokens_)
        .set(spec::kLoadResidualWords, u32(c_.hidden_size / 16))
        .set(spec::kLoadResidualXBase, b_.residual.base)
        .set(spec::kLoadResidualXStride, b_.residual.stride)
        .set(spec::kLoadResidualM0, spec::kLoadResidualS0, r)
        .set(spec::kLoadResidualSrc, source);
  }

  /// Gains of a norm, and its offsets, into half `bank` of their buffers.
  Event load_norm(const NormPlan& norm, std::uint32_t bank) {
    const auto load = [&](std::uint32_t buffer, std::uint32_t offset) {
      return program_.emit(command(spec::kOpLoadParams, spec::kUnitIo)
                               .set(spec::kLoadParamsBuffer, buffer)
                               .set(spec::kLoadParamsWord, bank * kGainBankWords)
                               .set(spec::kLoadParamsCount, u32(c_.hidden_size))
                               .set(spec::kLoadParamsSrc, offset),
                           {gain_used_[bank]});
    };
    const Event gain = load(spec::kBufferGain, norm.gain);
    return c_.gpt2() ? load(spec::kBufferBeta, norm.beta) : gain;
  }

  /// Biases of layer l into half l % 2 of their buffer, in two commands: the first projections need not wait for all of them.
  void load_biases(int l) {
    const LayerPlan& plan = image_.layers[static_cast<std::size_t>(l)];
    const std::size_t half = u32(l) & 1U;
    const auto load = [&](const BiasPlan& bias) {
      return program_.emit(command(spec::kOpLoadParams, spec::kUnitIo)
                               .set(spec::kLoadParamsBuffer, spec::kBufferBias)
                               .set(spec::kLoadParamsWord, bias.word)
                               .set(spec::kLoadParamsCount, bias.words * 16)
                               .set(spec::kLoadParamsSrc, bias.offset),
                           {bias_used_[half]});
    };
    input_bias_[half] = load(plan.input_bias);
    output_bias_[half] = load(plan.output_bias);
  }

  /// Weights into the ring, then the product over grouped tokens; the caller adds what post-processing needs.
  Command linear(const MatrixPlan& w, const Region& input, std::uint32_t in_table) {
    program_.emit(command(spec::kOpLoad, spec::kUnitLoad)
                      .set(spec::kLoadOffset, w.offset)
                      .set(spec::kLoadBankStride, w.bank_stride)
                      .set(spec::kLoadTileStride, w.words)
                      .set(spec::kLoadWords, w.words)
                      .set(spec::kLoadTiles, w.tiles));
    return gemm(w.ks, w.tiles, input)
        .set(spec::kGemmBias, w.biased ? 1 : 0)
        .set(spec::kGemmBiasBase, w.bias)
        .set(spec::kGemmGrouped, grouped_)
        .set(spec::kGemmInTable, in_table)
        .set(spec::kGemmMode, w.eight_bit ? 1 : 0)
        .set(spec::kGemmBanded, b_.banded ? 1 : 0);
  }

  Command gemm(std::uint32_t ks, std::uint32_t tiles, const Region& input) const {
    return command(spec::kOpGemm, spec::kUnitGemm)
        .set(spec::kGemmTokens, tokens_)
        .set(spec::kGemmFirstPosition, position_)
        .set(spec::kGemmK, 4 * ks)
        .set(spec::kGemmKs, ks)
        .set(spec::kGemmTiles, tiles)
        .set(spec::kGemmABase, input.base)
        .set(spec::kGemmAStride, input.stride);
  }

  static Command& to_region(Command& command, const Region& region) {
    return command.set(spec::kGemmOBase, region.base).set(spec::kGemmOStride, region.stride);
  }

  /// Slice length of a banded consumer, 0 otherwise.
  std::uint32_t band_slice(const Region& region) const { return b_.banded ? region.stride : 0; }

  void norm(const IntNorm& gain, std::uint32_t bank, std::uint32_t table, Event gain_ready, Event input_ready) {
    Command c = command(spec::kOpNorm, spec::kUnitVec)
                    .set(spec::kNormGrouped, 1)
                    .set(spec::kNormOutTable, table)
                    .set(spec::kNormTokens, tokens_)
                    .set(spec::kNormFirstToken, 0);
    normed_ = program_.emit(norm_fields(c, gain, bank), {gain_ready, input_ready});
    gain_used_[bank] = normed_;
  }

  Command& norm_fields(Command& c, const IntNorm& gain, std::uint32_t bank) const {
    if (c_.gpt2()) c.set(spec::kNormCentred, 1).set(spec::kNormM0, spec::kNormS0, m_.mean);
    return c.set(spec::kNormGainBank, bank)
        .set(spec::kNormWords, u32(c_.hidden_size / 16))
        .set(spec::kNormShift, u32(gain.shift))
        .set(spec::kNormXBase, b_.residual.base)
        .set(spec::kNormXStride, b_.residual.stride)
        .set(spec::kNormEpsLow, m_.norm_eps & 0xffffffffU)
        .set(spec::kNormEpsHigh, m_.norm_eps >> 32)
        .set(spec::kNormOBase, b_.normed.base)
        .set(spec::kNormOStride, b_.normed.stride)
        .set(spec::kNormOKs, band_slice(b_.normed));
  }

  void attention(int l) {
    const IntLayer& layer = m_.layers[static_cast<std::size_t>(l)];
    const LayerPlan& plan = image_.layers[static_cast<std::size_t>(l)];
    const std::uint32_t before = u32(l) & 1U;  // widths of layer l-1
    const std::uint32_t own = before ^ 1U;
    const std::size_t half = u32(l) & 1U;
    norm(layer.input_norm, 0, before, input_gain_, residual_);

    // The first of the commands that need biases waits for them; the others follow it in the same unit.
    Command k = linear(plan.k, b_.normed, before);
    rope_output(k, layer.k_rope, before, b_.key).set(spec::kGemmSlotOffset, position_ % 16);
    const Event keys = program_.emit(k, {normed_, rope_, input_bias_[half]});
    const Event appended_k = append_k(l, keys);
    const Event mlp_gain = load_norm(plan.mlp_norm, 1);

    // Uniform widths are known beforehand: the values are in the cache before the scores are needed. In mixed models they must
    // wait for the token control, and their projection hides it.
    Event appended_v{};
    if (!mixed_) appended_v = append_v(l, layer, own, project_v(plan, before), Event{});

    Command q = linear(plan.q, b_.normed, before);
    rope_output(q, layer.q_rope, before, b_.query).set(spec::kGemmOKs, b_.scores_banded ? u32(c_.head_dim / 4) : 0);
    const Event queries = program_.emit(q, {normed_, rope_});

    // Two score buffers: head h waits for the softmax of head h-2.
    std::vector<Event> probable;
    for (int h = 0; h < c_.heads; ++h) {
      const Event free = h < 2 ? Event{} : probable[static_cast<std::size_t>(h) - 2];
      probable.push_back(softmax(layer, h, scores(l, h, appended_k, queries, free)));
    }
    if (mixed_) {
      const Event raw = project_v(plan, before);
      const Event widths = program_.emit(width_command(l, own));
      appended_v = append_v(l, layer, own, raw, widths);
      probable.assign(probable.size(), widths);
    }
    if (l + 1 < c_.layers) {
      input_gain_ = load_norm(image_.layers[static_cast<std::size_t>(l) + 1].input_norm, 0);
      if (c_.gpt2()) load_biases(l + 1);
    }

    Event attended{};
    for (int h = 0; h < c_.heads; ++h) attended = values(l, h, layer, own, appended_v, probable[static_cast<std::size_t>(h)]);

    Command o = linear(plan.o, b_.attention, own);
    to_region(o.set(spec::kGemmPost, spec::kPostResidual), b_.residual).set(spec::kGemmM0, spec::kGemmS0, layer.o_residual);
    residual_ = program_.emit(o, {attended, output_bias_[half]});
    norm(layer.mlp_norm, 1, own, mlp_gain, residual_);
  }

  /// Value projection into vector memory, unrounded.
  Event project_v(const LayerPlan& plan, std::uint32_t table) {
    Command v = linear(plan.v, b_.normed, table);
    to_region(v.set(spec::kGemmPost, spec::kPostRaw), b_.value);
    return program_.emit(v, {normed_});
  }

  Command width_command(int l, std::uint32_t own) const {
    return tclm(own, m_.widths.rule, u32(l))
        .set(spec::kTclmCount, 1)
        .set(spec::kTclmRhoNum, m_.widths.rho_num)
        .set(spec::kTclmThreshold, m_.widths.thresholds.empty() ? 0 : m_.widths.thresholds[static_cast<std::size_t>(l)])
        .set(spec::kTclmSeed, m_.widths.seed)
        .set(spec::kTclmEightBefore, pass_.eight_before.empty() ? 0 : pass_.eight_before[static_cast<std::size_t>(l)]);
  }

  Command& rope_output(Command& c, hls::Requant r, std::uint32_t table, const Region& region) const {
    return to_region(c, region)
        .set(spec::kGemmPost, spec::kPostRope)
        .set(spec::kGemmOutTable, table)
        .set(spec::kGemmLog2HeadDim, log2_of(c_.head_dim))
        .set(spec::kGemmM0, spec::kGemmS0, r);
  }

  Event append_k(int l, Event keys) {
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

  Event append_v(int l, const IntLayer& layer, std::uint32_t own, Event raw, Event widths) {
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

  Event scores(int l, int h, Event appended, Event queries, Event buffer_free) {
    const auto head_dim = u32(c_.head_dim);
    program_.emit(command(spec::kOpLoad, spec::kUnitLoad)
                      .set(spec::kLoadBase, 1)
                      .set(spec::kLoadOffset, kv_.k(l, h / (c_.heads / c_.kv_heads)))
                      .set(spec::kLoadBankStride, head_dim / 2)
                      .set(spec::kLoadTileStride, 2 * head_dim)
                      .set(spec::kLoadWords, head_dim / 2)
                      .set(spec::kLoadTiles, b_.key_tiles),
                  {appended});
    const std::uint32_t column = u32(h) * (b_.scores_banded ? head_dim / 4 : head_dim);
    Command c = gemm(head_dim / 4, b_.key_tiles, Region{b_.query.base + column, b_.query.stride});
    to_region(c, b_.score[h & 1])
        .set(spec::kGemmBanded, b_.scores_banded ? 1 : 0)
        .set(spec::kGemmCausal, 1)
        .set(spec::kGemmMode, 1)
        .set(spec::kGemmPost, spec::kPostRaw);
    return program_.emit(c, {queries, buffer_free});
  }

  Event softmax(const IntLayer& layer, int h, Event scored) {
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

  Event values(int l, int h, const IntLayer& layer, std::uint32_t own, Event appended, Event ready) {
    program_.emit(command(spec::kOpLoad, spec::kUnitLoad)
                      .set(spec::kLoadBase, 1)
                      .set(spec::kLoadOffset, kv_.v(l, h / (c_.heads / c_.kv_heads)))
                      .set(spec::kLoadBankStride, 2 * b_.values_ks)
                      .set(spec::kLoadTileStride, kv_.v_tile_stride)
                      .set(spec::kLoadWords, 2 * b_.values_ks)
                      .set(spec::kLoadTiles, u32(c_.head_dim / 32)),
                  {appended});
    Command c = gemm(b_.values_ks, u32(c_.head_dim / 32),
                     Region{b_.probability.base + u32(h) * b_.probability_step, b_.probability.stride});
    to_region(c, b_.attention)
        .set(spec::kGemmBanded, b_.banded ? 1 : 0)
        .set(spec::kGemmCausal, b_.banded ? 0 : 2)
        .set(spec::kGemmMode, 2)
        .set(spec::kGemmPost, spec::kPostCode)
        .set(spec::kGemmOutTable, own)
        .set(spec::kGemmM0, spec::kGemmS0, layer.o_in)
        .set(spec::kGemmOKs, band_slice(b_.attention))
        .set(spec::kGemmOColumn, u32(h * c_.head_dim));
    return program_.emit(c, {ready});
  }

  void mlp(int l) {
    const IntLayer& layer = m_.layers[static_cast<std::size_t>(l)];
    const LayerPlan& plan = image_.layers[static_cast<std::size_t>(l)];
    const std::uint32_t own = (u32(l) & 1U) ^ 1U;
    Command gated = linear(plan.gate_up, b_.normed, own);
    to_region(gated, b_.gated)
        .set(spec::kGemmOutTable, own)
        .set(spec::kGemmFrac, u32(layer.gate_up_frac))
        .set(spec::kGemmM2, spec::kGemmS2, layer.down_in)
        .set(spec::kGemmOKs, band_slice(b_.gated));
    if (c_.gpt2()) {
      gated.set(spec::kGemmPost, spec::kPostGelu).set(spec::kGemmM0, spec::kGemmS0, layer.up_fixed);
    } else {
      gated.set(spec::kGemmPost, spec::kPostGated)
          .set(spec::kGemmM0, spec::kGemmS0, layer.gate_fixed)
          .set(spec::kGemmM1, spec::kGemmS1, layer.up_fixed);
    }
    const Event gate_up = program_.emit(gated, {normed_});
    Command down = linear(plan.down, b_.gated, own);
    to_region(down.set(spec::kGemmPost, spec::kPostResidual), b_.residual)
        .set(spec::kGemmM0, spec::kGemmS0, layer.down_residual);
    residual_ = program_.emit(down, {gate_up});
    bias_used_[u32(l) & 1U] = residual_;
  }

  void head() {
    const auto rows = u32(pass_.logit_rows);
    const Event gain = load_norm(image_.final_norm, 0);
    Command c = command(spec::kOpNorm, spec::kUnitVec)
                    .set(spec::kNormGrouped, 0)
                    .set(spec::kNormTokens, rows)
                    .set(spec::kNormFirstToken, tokens_ - rows);
    norm_fields(c, m_.final_norm, 0);
    const bool banded = rows <= 4;
    // A prefill that wants its last row only is a decode step for the head: banded, whatever the layers were.
    const std::uint32_t columns = image_.head.ks * (banded ? 1 : 4);
    c.set(spec::kNormOStride, columns).set(spec::kNormOKs, banded ? columns : 0);
    const Event ready = program_.emit(c, {gain, residual_});
    Command logits = linear(image_.head, Region{b_.normed.base, columns}, 0);
    logits.set(spec::kGemmGrouped, 0)
        .set(spec::kGemmBanded, banded ? 1 : 0)
        .set(spec::kGemmTokens, rows)
        .set(spec::kGemmPost, spec::kPostLogits)
        .set(spec::kGemmDst, io_.logits)
        .set(spec::kGemmDstStride, io_.logits_stride);
    program_.emit(logits, {ready});
  }

  const IntegerModel& m_;
  const model::ModelConfig& c_;
  const WeightImage& image_;
  const KvPlan& kv_;
  const IoPlan& io_;
  const BufferPlan& b_;
  const Pass& pass_;
  const std::uint32_t tokens_, position_, grouped_;
  const bool mixed_;
  Program program_;
  Event rope_steps_, rope_, residual_, normed_, input_gain_;
  std::array<Event, 2> gain_used_{}, bias_used_{}, input_bias_{}, output_bias_{};  // by half of their buffer
};

}  // namespace

IoPlan plan_io(const model::ModelConfig& config, int tokens, int logit_rows) {
  IoPlan plan;
  plan.positions = static_cast<std::uint32_t>(tokens * config.hidden_size / 16);
  plan.logits = plan.positions * (config.gpt2() ? 2 : 1);
  plan.logits_stride = static_cast<std::uint32_t>((config.vocab_size + 31) / 32 * 32 / 4);
  // The status block starts on a 4 KiB page, so no burst of it crosses one.
  plan.status = (plan.logits + static_cast<std::uint32_t>(logit_rows) * plan.logits_stride + 255) / 256 * 256;
  plan.units = plan.status + kStatusUnits;
  return plan;
}

Program compile_pass(const model::IntegerModel& m, const WeightImage& image, const KvPlan& kv, const IoPlan& io,
                     const BufferPlan& buffers, const Pass& pass) {
  return PassBuilder(m, image, kv, io, buffers, pass).build();
}

}  // namespace squat::engine
