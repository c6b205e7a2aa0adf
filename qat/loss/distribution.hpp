// SPDX-License-Identifier: Apache-2.0
// The distribution loss: cosine similarity of the student's attention maps with the teacher's (eq. 13).
#pragma once

#include <cstddef>
#include <vector>

#include "qat/loss/loss_options.hpp"
#include "qat/tensor/kernels.hpp"

namespace squat::qat {

/// One pair of maps: s.t, s.s, t.t, over all of a head's T * T entries.
struct MapProducts {
  double st = 0, ss = 0, tt = 0;
  double cosine() const;  ///< 0 when a map is zero
};

template <typename S>
MapProducts map_products(const S* student, const S* teacher, std::size_t count);

struct DistributionLoss {
  double value = 0;
  double slope = 0;  ///< d loss / d cosine, the same for every map
  double cosine_sum = 0;
};

/// maps: per (layer, sequence, head). sequences: B, for the forms that take the mean over the batch.
DistributionLoss distribution_loss(const std::vector<MapProducts>& maps, int sequences, DistributionForm form);

/// ds += slope * d cosine / d s = slope * (t / (|s| |t|) - cosine * s / |s|^2).
template <typename S>
void add_map_gradient(const S* student, const S* teacher, std::size_t count, const MapProducts& products, double slope, S* ds);

}  // namespace squat::qat
