// SPDX-License-Identifier: Apache-2.0
#include "host/engine/pass_compiler.hpp"

#include <utility>

#include "host/engine/pass_builder.hpp"

namespace squat::engine {

Program PassBuilder::build() {
  prologue();
  for (int l = 0; l < c_.layers; ++l) {
    attention(l);
    mlp(l);
  }
  if (pass_.logit_rows > 0) head();
  return std::move(program_);
}

void PassBuilder::prologue() {
  program_.at({});
  rope_steps_ = program_.emit(parameters(spec::kBufferRope, image_.rope_step, 0));
  input_gain_ = load_norm(0, image_.layers.front().input_norm, 0);
  program_.at({-1, Role::kEmbedding});
  residual_ = program_.emit(residual_rows(io_.embedding, pass_.embedding_crc, m_.embed_residual));
  if (c_.gpt2()) {
    residual_ =
        program_.emit(residual_rows(io_.positions, pass_.positions_crc, m_.position_residual).set(spec::kLoadResidualAdd, 1));
    load_biases(0);
  }
  program_.at({});
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

void PassBuilder::mlp(int l) {
  const model::IntLayer& layer = m_.layers[static_cast<std::size_t>(l)];
  const LayerPlan& plan = image_.layers[static_cast<std::size_t>(l)];
  const std::uint32_t own = (u32(l) & 1U) ^ 1U;
  program_.at({l, Role::kGateUp});
  Command gated = linear(plan.gate_up, b_.normed, own, b_.banded);
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
  program_.at({l, Role::kDown});
  Command down = linear(plan.down, b_.gated, own, b_.banded);
  to_region(down.set(spec::kGemmPost, spec::kPostResidual), b_.residual).set(spec::kGemmM0, spec::kGemmS0, layer.down_residual);
  residual_ = program_.emit(down, {gate_up});
  bias_used_[u32(l) & 1U] = residual_;
}

void PassBuilder::head() {
  const auto rows = u32(pass_.logit_rows);
  const Event gain = load_norm(-1, image_.final_norm, 0);
  Command c = command(spec::kOpNorm, spec::kUnitVec)
                  .set(spec::kNormGrouped, 0)
                  .set(spec::kNormTokens, rows)
                  .set(spec::kNormFirstToken, tokens_ - rows);
  norm_fields(c, m_.final_norm, 0);
  const bool banded = rows <= 4;
  // A prefill that wants its last row only is a decode step for the head: banded, whatever the layers were.
  const std::uint32_t columns = image_.head.ks * (banded ? 1 : 4);
  c.set(spec::kNormOStride, columns).set(spec::kNormOKs, banded ? columns : 0);
  program_.at({-1, Role::kFinalNorm});
  const Event ready = program_.emit(c, {gain, residual_});
  program_.at({-1, Role::kHead});
  Command logits = linear(image_.head, Region{b_.normed.base, columns}, 0, banded);
  logits.set(spec::kGemmGrouped, 0)
      .set(spec::kGemmTokens, rows)
      .set(spec::kGemmPost, spec::kPostLogits)
      .set(spec::kGemmDst, io_.logits)
      .set(spec::kGemmDstStride, io_.logits_stride);
  program_.emit(logits, {ready});
}

IoPlan plan_io(const model::ModelConfig& config, int tokens, int logit_rows, std::uint32_t profiled) {
  IoPlan plan;
  plan.positions = static_cast<std::uint32_t>(tokens * config.hidden_size / 16);
  plan.logits = plan.positions * (config.gpt2() ? 2 : 1);
  plan.logits_stride = static_cast<std::uint32_t>((config.vocab_size + 31) / 32 * 32 / 4);
  const std::uint32_t records = plan.logits + static_cast<std::uint32_t>(logit_rows) * plan.logits_stride;
  if (profiled > 0) plan.profile = records;
  // The status block starts on a 4 KiB page, so no burst of it crosses one.
  plan.status = (records + kProfileUnits * profiled + 255) / 256 * 256;
  plan.units = plan.status + kStatusUnits;
  return plan;
}

Program compile_pass(const model::IntegerModel& m, const AcceleratorLimits& limits, const WeightImage& image, const KvPlan& kv,
                     const IoPlan& io, const BufferPlan& buffers, const Pass& pass) {
  return PassBuilder(m, limits, image, kv, io, buffers, pass).build();
}

}  // namespace squat::engine
