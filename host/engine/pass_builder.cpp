// SPDX-License-Identifier: Apache-2.0
#include "host/engine/pass_builder.hpp"

#include <algorithm>

namespace squat::engine {

namespace {

constexpr std::uint32_t kGainBankWords = 64;

}  // namespace

Command PassBuilder::tclm(std::uint32_t table, hls::WidthRule rule, std::uint32_t layer) const {
  return command(spec::kOpTclm, spec::kUnitVec)
      .set(spec::kTclmOutTable, table)
      .set(spec::kTclmRule, static_cast<std::uint32_t>(rule))
      .set(spec::kTclmTokens, tokens_)
      .set(spec::kTclmFirstPosition, position_)
      .set(spec::kTclmLayer, layer);
}

Command PassBuilder::parameters(std::uint32_t buffer, const ParameterPlan& values, std::uint32_t word) const {
  return command(spec::kOpLoadParams, spec::kUnitIo)
      .set(spec::kLoadParamsBuffer, buffer)
      .set(spec::kLoadParamsWord, word)
      .set(spec::kLoadParamsCount, values.count)
      .set(spec::kLoadParamsSrc, values.offset)
      .set(spec::kLoadParamsChecked, 1)
      .set(spec::kLoadParamsCrc, values.crc);
}

Command PassBuilder::residual_rows(std::uint32_t source, std::uint32_t crc, hls::Requant r) const {
  return command(spec::kOpLoadResidual, spec::kUnitIo)
      .set(spec::kLoadResidualTokens, tokens_)
      .set(spec::kLoadResidualWords, u32(c_.hidden_size / 16))
      .set(spec::kLoadResidualXBase, b_.residual.base)
      .set(spec::kLoadResidualXStride, b_.residual.stride)
      .set(spec::kLoadResidualM0, spec::kLoadResidualS0, r)
      .set(spec::kLoadResidualSrc, source)
      .set(spec::kLoadResidualChecked, 1)
      .set(spec::kLoadResidualCrc, crc);
}

Event PassBuilder::load_norm(int l, const NormPlan& norm, std::uint32_t bank) {
  program_.at({l, Role::kParameters});
  const auto load = [&](std::uint32_t buffer, const ParameterPlan& values) {
    return program_.emit(parameters(buffer, values, bank * kGainBankWords), {gain_used_[bank]});
  };
  const Event gain = load(spec::kBufferGain, norm.gain);
  return c_.gpt2() ? load(spec::kBufferBeta, norm.beta) : gain;
}

void PassBuilder::load_biases(int l) {
  program_.at({l, Role::kParameters});
  const LayerPlan& plan = image_.layers[static_cast<std::size_t>(l)];
  const std::size_t half = u32(l) & 1U;
  const auto load = [&](const BiasPlan& bias) {
    return program_.emit(parameters(spec::kBufferBias, bias.values, bias.word), {bias_used_[half]});
  };
  input_bias_[half] = load(plan.input_bias);
  output_bias_[half] = load(plan.output_bias);
}

std::uint32_t PassBuilder::wide(std::uint32_t tiles, std::uint32_t words, bool banded, bool eight_bit) const {
  const std::uint32_t given = u32(limits_.beat_words());
  const std::uint32_t shared = !banded ? u32(limits_.blocks()) : eight_bit ? std::max(given / 2, 1U) : given;
  const std::uint32_t most = std::min({u32(limits_.blocks()), shared, tiles, u32(limits_.ring_depth) / words});
  const std::uint32_t passes = (tiles + most - 1) / most;
  return (tiles + passes - 1) / passes - 1;
}

Command PassBuilder::linear(const MatrixPlan& w, const Region& input, std::uint32_t in_table, bool banded) {
  const std::uint32_t tiles_less_one = wide(w.tiles, w.words, banded, w.eight_bit);
  const std::uint32_t turns = load_wide(tiles_less_one, banded);
  Command load = command(spec::kOpLoad, spec::kUnitLoad)
                     .set(spec::kLoadOffset, w.offset)
                     .set(spec::kLoadBankStride, w.bank_stride)
                     .set(spec::kLoadTileStride, w.words)
                     .set(spec::kLoadWords, w.words)
                     .set(spec::kLoadTiles, w.tiles)
                     .set(spec::kLoadWide, turns)
                     .set(spec::kLoadChecked, 1);
  constexpr std::array<spec::Field, 4> kCrc{spec::kLoadCrc0, spec::kLoadCrc1, spec::kLoadCrc2, spec::kLoadCrc3};
  for (std::size_t bank = 0; bank < kCrc.size(); ++bank) {
    std::uint32_t sum = 0;
    for (std::size_t tile = 0; tile < w.crc.size(); ++tile) {
      sum ^= w.crc[tile][(bank + kCrc.size() - tile % (turns + 1)) % kCrc.size()];
    }
    load.set(kCrc[bank], sum);
  }
  program_.emit(load);
  return gemm(w.ks, w.tiles, input)
      .set(spec::kGemmBias, w.biased ? 1 : 0)
      .set(spec::kGemmBiasBase, w.bias)
      .set(spec::kGemmGrouped, grouped_)
      .set(spec::kGemmInTable, in_table)
      .set(spec::kGemmMode, w.eight_bit ? 1 : 0)
      .set(spec::kGemmBanded, banded ? 1 : 0)
      .set(spec::kGemmWide, tiles_less_one);
}

Command PassBuilder::gemm(std::uint32_t ks, std::uint32_t tiles, const Region& input) const {
  return command(spec::kOpGemm, spec::kUnitGemm)
      .set(spec::kGemmTokens, tokens_)
      .set(spec::kGemmFirstPosition, position_)
      .set(spec::kGemmK, 4 * ks)
      .set(spec::kGemmKs, ks)
      .set(spec::kGemmTiles, tiles)
      .set(spec::kGemmABase, input.base)
      .set(spec::kGemmAStride, input.stride);
}

Command& PassBuilder::to_region(Command& command, const Region& region) {
  return command.set(spec::kGemmOBase, region.base).set(spec::kGemmOStride, region.stride);
}

void PassBuilder::norm(const model::IntNorm& gain, std::uint32_t bank, std::uint32_t table, Event gain_ready,
                       Event input_ready) {
  Command c = command(spec::kOpNorm, spec::kUnitVec)
                  .set(spec::kNormGrouped, 1)
                  .set(spec::kNormOutTable, table)
                  .set(spec::kNormTokens, tokens_)
                  .set(spec::kNormFirstToken, 0);
  normed_ = program_.emit(norm_fields(c, gain, bank), {gain_ready, input_ready});
  gain_used_[bank] = normed_;
}

Command& PassBuilder::norm_fields(Command& c, const model::IntNorm& gain, std::uint32_t bank) const {
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

}  // namespace squat::engine
