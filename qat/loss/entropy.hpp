// SPDX-License-Identifier: Apache-2.0
// The entropy loss on queries and keys after rotation and rounding (eq. 12).
#pragma once

#include <cstddef>
#include <vector>

#include "qat/loss/loss_options.hpp"

namespace squat::qat {

/// Sums of a head's values over some sequences: enough for the variances of kPaper and the sum of kPublished.
struct HeadMoments {
  double count = 0, sum = 0, squares = 0;
  double log_variances = 0;  ///< kPublished: sum over tokens of log(1 + variance over the head dimension)
};

/// Adds x (tokens, head_dim), rows `ld` apart.
template <typename S>
void add_moments(const S* x, std::ptrdiff_t ld, int tokens, int head_dim, EntropyForm form, HeadMoments& moments);

/// d loss / d x = slope * (x - mean) for one head in one layer (kPaper); kPublished uses `slope` = d loss / d (sum of logs).
struct HeadSlope {
  double slope = 0, mean = 0;
};

struct EntropyLoss {
  double value = 0;
  std::vector<HeadSlope> q, k;  ///< per (layer, head) like the moments
};

/// q and k: moments per (layer, query head), layers outermost; a shared key head appears once per query head and its slopes
/// add.
EntropyLoss entropy_loss(const std::vector<HeadMoments>& q, const std::vector<HeadMoments>& k, EntropyForm form, bool unbiased);

/// dx += weight * d loss / d x for x (tokens, head_dim) of one head.
template <typename S>
void add_entropy_gradient(const S* x, std::ptrdiff_t ld, int tokens, int head_dim, EntropyForm form, const HeadSlope& slope,
                          double weight, S* dx, std::ptrdiff_t lddx);

}  // namespace squat::qat
