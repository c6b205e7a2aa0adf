// SPDX-License-Identifier: Apache-2.0
// The value a scale starts from, given a sample of what it will round.
#pragma once

#include <cstddef>

#include "qat/quant/quant_config.hpp"

namespace squat::qat {

/// A start for codes lo..hi from `count` values. Always positive; 1 for tensors of zeros.
///   kMse        least squared rounding error
///   kPublished  2 * mean |x| / sqrt(hi)
///   kAbsMax     max |x| / hi
template <typename S>
double start_scale(ScaleStart start, const S* x, std::size_t count, int lo, int hi);

/// The published modules' first zero point: 0.1 * (min x - scale * lo).
template <typename S>
double start_zero_point(const S* x, std::size_t count, double scale, int lo);

/// LSQ's factor on the gradient of a scale or zero point: 1 / sqrt(elements * hi), or 1 for kNone.
double scale_gradient_factor(ScaleGradient rule, double elements, double hi);

}  // namespace squat::qat
