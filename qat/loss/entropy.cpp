// SPDX-License-Identifier: Apache-2.0
#include "qat/loss/entropy.hpp"

#include <cmath>

namespace squat::qat {
namespace {

struct TokenVariance {
  double mean = 0, variance = 0;  ///< n - 1
};

template <typename S>
TokenVariance token_variance(const S* x, int n) {
  TokenVariance t;
  for (int i = 0; i < n; ++i) t.mean += static_cast<double>(x[i]);
  t.mean /= n;
  for (int i = 0; i < n; ++i) t.variance += (static_cast<double>(x[i]) - t.mean) * (static_cast<double>(x[i]) - t.mean);
  t.variance /= n - 1;
  return t;
}

double variance_of(const HeadMoments& m, bool unbiased) {
  return (m.squares - m.sum * m.sum / m.count) / (unbiased ? m.count - 1 : m.count);
}

}  // namespace

template <typename S>
void add_moments(const S* x, std::ptrdiff_t ld, int tokens, int head_dim, EntropyForm form, HeadMoments& moments) {
  for (int t = 0; t < tokens; ++t, x += ld) {
    if (form == EntropyForm::kPublished) {
      moments.log_variances += std::log1p(token_variance(x, head_dim).variance);
      continue;
    }
    for (int i = 0; i < head_dim; ++i) {
      const auto v = static_cast<double>(x[i]);
      moments.sum += v;
      moments.squares += v * v;
    }
    moments.count += head_dim;
  }
}

EntropyLoss entropy_loss(const std::vector<HeadMoments>& q, const std::vector<HeadMoments>& k, EntropyForm form,
                         bool unbiased) {
  EntropyLoss loss;
  loss.q.resize(q.size());
  loss.k.resize(k.size());
  double total = 0;
  if (form == EntropyForm::kPublished) {
    for (std::size_t i = 0; i < q.size(); ++i) total += q[i].log_variances + k[i].log_variances;
    for (std::size_t i = 0; i < q.size(); ++i) loss.q[i].slope = loss.k[i].slope = -1.0 / total;
    loss.value = -std::log(total);
    return loss;
  }
  for (std::size_t i = 0; i < q.size(); ++i) total += std::log1p(variance_of(q[i], unbiased) * variance_of(k[i], unbiased));
  for (std::size_t i = 0; i < q.size(); ++i) {
    const double vq = variance_of(q[i], unbiased), vk = variance_of(k[i], unbiased);
    const auto slope = [&](const HeadMoments& own, double other) {
      const double n = unbiased ? own.count - 1 : own.count;
      return HeadSlope{-1.0 / total * other / (1 + vq * vk) * 2.0 / n, own.sum / own.count};
    };
    loss.q[i] = slope(q[i], vk);
    loss.k[i] = slope(k[i], vq);
  }
  loss.value = -std::log(total);
  return loss;
}

template <typename S>
void add_entropy_gradient(const S* x, std::ptrdiff_t ld, int tokens, int head_dim, EntropyForm form, const HeadSlope& slope,
                          double weight, S* dx, std::ptrdiff_t lddx) {
  for (int t = 0; t < tokens; ++t, x += ld, dx += lddx) {
    double factor = weight * slope.slope, mean = slope.mean;
    if (form == EntropyForm::kPublished) {
      const TokenVariance token = token_variance(x, head_dim);
      factor *= 2.0 / (head_dim - 1) / (1 + token.variance);
      mean = token.mean;
    }
    for (int i = 0; i < head_dim; ++i) dx[i] += static_cast<S>(factor * (static_cast<double>(x[i]) - mean));
  }
}

template void add_moments(const float*, std::ptrdiff_t, int, int, EntropyForm, HeadMoments&);
template void add_moments(const double*, std::ptrdiff_t, int, int, EntropyForm, HeadMoments&);
template void add_entropy_gradient(const float*, std::ptrdiff_t, int, int, EntropyForm, const HeadSlope&, double, float*,
                                   std::ptrdiff_t);
template void add_entropy_gradient(const double*, std::ptrdiff_t, int, int, EntropyForm, const HeadSlope&, double, double*,
                                   std::ptrdiff_t);

}  // namespace squat::qat
