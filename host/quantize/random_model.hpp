// SPDX-License-Identifier: Apache-2.0
// Seeded random integer models of any shape, so that latency needs no download and tests cover odd shapes.
#pragma once

#include <cstdint>
#include <string>

#include "host/model/integer_model.hpp"

namespace squat::quantize {

/// "llama-58m" (hidden 512, 16 layers, 8 heads, FFN 1024, vocabulary 16000, untied: the shape of arXiv 2402.10787) or "tiny"
/// (hidden 128, 4 layers, 4 heads, FFN 384, vocabulary 2048, tied). Throws usage_error for other names.
model::ModelConfig shape_config(const std::string& name);

/// Weights are drawn so that activations have about unit variance and use their codes well: timing and bit-exactness are
/// those of a trained model, the text is noise. widths.thresholds is filled in when empty. Deterministic for a seed on every
/// platform.
model::IntegerModel random_model(const model::ModelConfig& config, int weight_bits, model::WidthPolicy widths,
                                 std::uint32_t seed);

}  // namespace squat::quantize
