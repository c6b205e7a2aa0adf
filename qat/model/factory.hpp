// SPDX-License-Identifier: Apache-2.0
// Making models for training.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/model/float_model.hpp"
#include "host/model/quant_scales.hpp"
#include "qat/model/language_model.hpp"
#include "qat/quant/quant_config.hpp"

namespace squat::qat {

/// A model of config.model_type "llama" or "gpt2" with seeded normal weights (deviation 0.02, norms 1, biases 0), the same on
/// every machine. For gpt2, rms_norm_eps is the LayerNorm epsilon and intermediate_size the width of the MLP.
/// `quant` null: plain FP32. Throws usage_error for other model types and impossible dimensions.
/// Scales start unset: see BasicLanguageModel::start_scales.
template <typename S>
std::unique_ptr<BasicLanguageModel<S>> make_model(const model::ModelConfig& config, std::uint64_t seed,
                                                  const QuantConfig* quant);

/// A LLaMA or GPT-2 with the weights of `weights`. A quantised one starts from the scales that came with them, if any did;
/// `notes`, when not null, gets what of them was left out. Throws as take_scales (quant/loaded_scales.hpp).
std::unique_ptr<LanguageModel> make_model(const model::FloatModel& weights, const QuantConfig* quant = nullptr,
                                          std::vector<std::string>* notes = nullptr);

/// The weights, for writing and export.
model::FloatModel to_float_model(const LanguageModel& trained);

/// The scales of a quantised model on the 8-bit grid (a uniform 4-bit model's are an eighth of its step), for
/// quantize::build_integer_model. Gate and up get the fraction bits that `largest_gate_up` (per layer) allows; empty: 9.
/// Throws usage_error when the model is not quantised as in deployment_quant.
model::QuantScales to_quant_scales(const LanguageModel& trained, const std::vector<float>& largest_gate_up = {});

}  // namespace squat::qat
