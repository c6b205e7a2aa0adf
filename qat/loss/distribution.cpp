// SPDX-License-Identifier: Apache-2.0
#include "qat/loss/distribution.hpp"

#include <cmath>

namespace squat::qat {

double MapProducts::cosine() const { return ss > 0 && tt > 0 ? st / std::sqrt(ss * tt) : 0.0; }

template <typename S>
MapProducts map_products(const S* student, const S* teacher, std::size_t count) {
  double sums[3];
  kernels<S>().dots(student, teacher, count, sums);
  return {sums[0], sums[1], sums[2]};
}

DistributionLoss distribution_loss(const std::vector<MapProducts>& maps, int sequences, DistributionForm form) {
  DistributionLoss loss;
  for (const MapProducts& m : maps) loss.cosine_sum += m.cosine();
  const auto count = static_cast<double>(maps.size());
  switch (form) {
    case DistributionForm::kMinusLogMean:
      loss.value = -std::log(loss.cosine_sum / count);
      loss.slope = -1.0 / loss.cosine_sum;
      break;
    case DistributionForm::kMinusLogSum:
      loss.value = -std::log(loss.cosine_sum / sequences);
      loss.slope = -1.0 / loss.cosine_sum;
      break;
    case DistributionForm::kPaperPlusLog:
      loss.value = std::log(loss.cosine_sum / sequences);
      loss.slope = 1.0 / loss.cosine_sum;
      break;
    case DistributionForm::kOneMinusCos:
      loss.value = 1.0 - loss.cosine_sum / count;
      loss.slope = -1.0 / count;
      break;
    case DistributionForm::kPublishedRaw:
      loss.value = std::log(loss.cosine_sum);
      loss.slope = 1.0 / loss.cosine_sum;
      break;
  }
  return loss;
}

template <typename S>
void add_map_gradient(const S* student, const S* teacher, std::size_t count, const MapProducts& products, double slope, S* ds) {
  if (!(products.ss > 0 && products.tt > 0)) return;
  const Kernels<S>& k = kernels<S>();
  k.add_scaled(ds, teacher, count, static_cast<S>(slope / std::sqrt(products.ss * products.tt)));
  k.add_scaled(ds, student, count, static_cast<S>(-slope * products.cosine() / products.ss));
}

template MapProducts map_products(const float*, const float*, std::size_t);
template MapProducts map_products(const double*, const double*, std::size_t);
template void add_map_gradient(const float*, const float*, std::size_t, const MapProducts&, double, float*);
template void add_map_gradient(const double*, const double*, std::size_t, const MapProducts&, double, double*);

}  // namespace squat::qat
