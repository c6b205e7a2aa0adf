// SPDX-License-Identifier: Apache-2.0
// The forward pass of LLaMA and GPT-2 in single precision: calibration, the quality baseline, and the layer-by-layer
// comparison.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/model/float_model.hpp"
#include "host/reference_float/attention.hpp"
#include "host/reference_float/fake_quant.hpp"
#include "host/reference_float/packed_matrix.hpp"
#include "host/reference_float/site.hpp"

namespace squat::reference {

class FloatReference {
 public:
  /// Keeps its own copy of the weights. One object serves one thread.
  explicit FloatReference(const model::FloatModel& model);
  /// Fake-quantised: weights rounded once, activations at every site, token widths decided as on the device.
  FloatReference(const model::FloatModel& model, const FakeQuant& fake_quant);

  /// One pass over a whole window from position 0. Returns the logits (tokens, vocab), valid until the next call.
  /// Throws usage_error for ids outside the vocabulary or more tokens than max_positions.
  const std::vector<float>& forward(const int* ids, int tokens);

  void set_hook(SiteHook hook) { hook_ = std::move(hook); }
  const model::ModelConfig& config() const { return config_; }

  /// Of the last pass: sum over heads of the probability of token 0 in 2^-16, per token.
  const std::vector<std::uint32_t>& scores(int layer) const { return scores_[static_cast<std::size_t>(layer)]; }
  /// Of the last pass: 1 = 8 bit, 0 = 4 bit, per token.
  const std::vector<std::uint8_t>& widths(int layer) const { return widths_[static_cast<std::size_t>(layer)]; }
  /// Share of 8-bit tokens over all layers and passes since construction.
  double eight_bit_share() const;

 private:
  struct Norm {
    std::vector<float> gain, beta;  ///< no beta: RMSNorm
  };
  struct Layer {
    Norm input_norm, mlp_norm;
    PackedMatrix q, k, v, o, gate, up, down;  ///< GPT-2: no gate
  };

  void embed(const int* ids);
  void normalize(const Norm& norm);
  void attention_block(int index, const std::vector<std::uint8_t>& input_widths);
  void mlp_block(int index);
  void observe(Site site, int layer, const std::vector<float>& values, int cols) const;
  bool rounds(Site site) const { return fake_quant_ && fake_quant_->parts.has(site); }
  void quantize(Site site, std::vector<float>& values, int cols, double model::LayerScales::*scale, int layer,
                const std::vector<std::uint8_t>& eight) const;
  /// The layer's own, from probabilities_ and scores.
  std::vector<std::uint8_t> own_widths(int layer, const std::vector<std::uint32_t>& scores) const;

  model::ModelConfig config_;
  std::optional<FakeQuant> fake_quant_;
  std::vector<float> embedding_, positions_;
  Norm final_norm_;
  PackedMatrix head_;
  std::vector<Layer> layers_;
  RotaryTable rotary_;
  SiteHook hook_;

  int tokens_ = 0;
  std::vector<float> residual_, normed_, q_, k_, v_, mixed_, gate_, up_, probabilities_, logits_;
  std::vector<std::vector<std::uint32_t>> scores_;
  std::vector<std::vector<std::uint8_t>> widths_;
  std::uint64_t eight_ = 0, decided_ = 0;
};

}  // namespace squat::reference
