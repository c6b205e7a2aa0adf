// SPDX-License-Identifier: Apache-2.0
// Builds the program of one pass, command by command: behind compile_pass, spread over pass_compiler.cpp (the pass around the
// layers), pass_attention.cpp (a layer's attention) and pass_builder.cpp (commands that both need).
#pragma once

#include <array>
#include <cstdint>

#include "host/engine/memory_check.hpp"
#include "host/engine/pass_compiler.hpp"

namespace squat::engine {

inline std::uint32_t u32(int value) { return static_cast<std::uint32_t>(value); }

inline std::uint32_t log2_of(int value) {
  std::uint32_t result = 0;
  while ((1 << result) < value) ++result;
  return result;
}

/// Holds the events that later commands wait for.
class PassBuilder {
 public:
  PassBuilder(const model::IntegerModel& m, const AcceleratorLimits& limits, const WeightImage& image, const KvPlan& kv,
              const IoPlan& io, const BufferPlan& b, const Pass& pass)
      : m_(m),
        c_(m.config),
        limits_(limits),
        image_(image),
        kv_(kv),
        io_(io),
        b_(b),
        pass_(pass),
        tokens_(u32(pass.shape.tokens)),
        position_(u32(pass.shape.first_position)),
        grouped_(b.banded ? 0 : 1),
        mixed_(m.widths.activations == model::Activations::kMixed) {}

  Program build();

 private:
  // ---- the pass around the layers
  void prologue();
  void mlp(int l);
  void head();

  // ---- attention of a layer
  void attention(int l);
  /// Value projection into vector memory, unrounded.
  Event project_v(int l, const LayerPlan& plan, std::uint32_t table);
  Command width_command(int l, std::uint32_t own) const;
  Command& rope_output(Command& c, hls::Requant r, std::uint32_t table, const Region& region) const;
  Event append_k(int l, Event keys);
  Event append_v(int l, const model::IntLayer& layer, std::uint32_t own, Event raw, Event widths);
  /// Of the heads that read the same keys and values, the how many-th is h?
  std::uint32_t copy_of(int h) const { return u32(h % (c_.heads / c_.kv_heads)); }
  Event scores(int l, int h, Event appended, Event queries, Event buffer_free);
  Event softmax(int l, int h, const model::IntLayer& layer, Event scored);
  Event values(int l, int h, const model::IntLayer& layer, std::uint32_t own, Event appended, Event ready);

  // ---- commands that both need
  Command command(std::uint32_t opcode, std::uint32_t unit) const { return Command(opcode, unit); }
  Command tclm(std::uint32_t table, hls::WidthRule rule, std::uint32_t layer) const;
  /// Parameters of the weight image from word `word` of a buffer on.
  Command parameters(std::uint32_t buffer, const ParameterPlan& values, std::uint32_t word) const;
  Command residual_rows(std::uint32_t source, std::uint32_t crc, hls::Requant r) const;
  /// Gains of a norm of layer l (-1: the final one), and its offsets, into half `bank` of their buffers.
  Event load_norm(int l, const NormPlan& norm, std::uint32_t bank);
  /// Biases of layer l into half l % 2 of their buffer, in two commands: the first projections need not wait for all of them.
  void load_biases(int l);
  /// Tiles that the array multiplies at once, less one: as many as it has blocks for and the ring can hold, spread evenly over
  /// the passes. Banded tiles share the words that a ring bank gives in a cycle: one of each tile, of 8-bit weights two.
  std::uint32_t wide(std::uint32_t tiles, std::uint32_t words, bool banded, bool eight_bit) const;
  /// `wide` of the load: slices of banded tiles all lie in their own banks.
  static std::uint32_t load_wide(std::uint32_t tiles_less_one, bool banded) { return banded ? 0 : tiles_less_one; }
  /// Weights into the ring, then the product over grouped tokens; the caller adds what post-processing needs.
  Command linear(const MatrixPlan& w, const Region& input, std::uint32_t in_table, bool banded);
  Command gemm(std::uint32_t ks, std::uint32_t tiles, const Region& input) const;
  static Command& to_region(Command& command, const Region& region);
  /// Slice length of a banded consumer, 0 otherwise.
  std::uint32_t band_slice(const Region& region) const { return b_.banded ? region.stride : 0; }
  void norm(const model::IntNorm& gain, std::uint32_t bank, std::uint32_t table, Event gain_ready, Event input_ready);
  Command& norm_fields(Command& c, const model::IntNorm& gain, std::uint32_t bank) const;

  const model::IntegerModel& m_;
  const model::ModelConfig& c_;
  const AcceleratorLimits& limits_;
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

}  // namespace squat::engine
