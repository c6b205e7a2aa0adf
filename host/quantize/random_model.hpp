// SPDX-License-Identifier: Apache-2.0
// Seeded random integer models of any shape, so that latency needs no download and tests cover odd shapes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/model/integer_model.hpp"

namespace squat::quantize {

/// "llama-58m" (hidden 512, 16 layers, 8 heads, FFN 1024, untied) and "gpt2-97m" (hidden 768, 12 layers, 12 heads, FFN 3072,
/// tied), vocabulary 16000: the shapes of arXiv 2402.10787; or "tiny" (LLaMA, hidden 128, 4 layers, 4 heads, FFN 384,
/// vocabulary 2048, tied). Throws usage_error for other names.
model::ModelConfig shape_config(const std::string& name);

/// Those names.
const std::vector<std::string>& shape_names();

/// Weights are drawn so that activations have about unit variance and use their codes well: timing and bit-exactness are
/// those of a trained model, the text is noise. widths.thresholds is filled in for mixed models when empty; gate_up_frac is
/// that of every layer (6..9). Deterministic for a seed on every platform.
model::IntegerModel random_model(const model::ModelConfig& config, int weight_bits, model::WidthPolicy widths,
                                 std::uint32_t seed, int gate_up_frac = 9);

}  // namespace squat::quantize
