// SPDX-License-Identifier: Apache-2.0
#include "qat/quant/noise.hpp"

#include <algorithm>
#include <cstring>

namespace squat::qat {
namespace {

/// The 32-bit finaliser of MurmurHash3 (Appleby): every input bit reaches every output bit.
inline std::uint32_t mixed(std::uint32_t h) {
  h = (h ^ (h >> 16)) * 0x85ebca6bu;
  h = (h ^ (h >> 13)) * 0xc2b2ae35u;
  return h ^ (h >> 16);
}

/// Uniform in -1/2 .. 1/2, steps of 2^-24.
inline float noise_of(float x, std::uint32_t salt) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return static_cast<float>(static_cast<std::int32_t>(mixed(bits ^ salt) >> 8) - (1 << 23)) * (1.0f / (1 << 24));
}

}  // namespace

template <typename S>
void noise_round(const S* x, std::ptrdiff_t ldx, int rows, int cols, Grid<S> g, std::uint32_t salt, S* y, std::ptrdiff_t ldy) {
  const S inverse = S{1} / g.scale;
  for (int r = 0; r < rows; ++r, x += ldx, y += ldy) {
    for (int i = 0; i < cols; ++i) {
      const S v = x[i] * inverse, clamped = std::min(std::max(v, g.lo), g.hi);
      const S noise = v == clamped ? static_cast<S>(noise_of(static_cast<float>(x[i]), salt)) : S{0};
      y[i] = (clamped + noise) * g.scale;
    }
  }
}

template <typename S>
void noise_round_back(S* x, std::ptrdiff_t ldx, const S* gy, std::ptrdiff_t ldg, int rows, int cols, Grid<S> g,
                      std::uint32_t salt, S* gx, std::ptrdiff_t ldgx, bool store, GridSums* sums) {
  const S inverse = S{1} / g.scale;
  double total = 0;
  for (int r = 0; r < rows; ++r, x += ldx, gy += ldg, gx += ldgx) {
    S sum = 0;
    for (int i = 0; i < cols; ++i) {
      const S v = x[i] * inverse, clamped = std::min(std::max(v, g.lo), g.hi), grad = gy[i];
      const bool inside = v == clamped;
      const S noise = inside ? static_cast<S>(noise_of(static_cast<float>(x[i]), salt)) : S{0};
      sum += grad * (inside ? noise : clamped);
      gx[i] = inside ? grad : S{0};
      if (store) x[i] = (clamped + noise) * g.scale;
    }
    total += static_cast<double>(sum);
  }
  sums->scale += total;
}

std::uint32_t noise_salt(std::uint64_t batch, std::size_t scale) {
  const std::uint32_t low = mixed(static_cast<std::uint32_t>(batch) + 0x9e3779b9u);
  const std::uint32_t high = mixed(static_cast<std::uint32_t>(batch >> 32) ^ low);
  return mixed(high + 0x9e3779b9u * (static_cast<std::uint32_t>(scale) + 1));
}

#define SQUAT_INSTANTIATE(S)                                                                                         \
  template void noise_round(const S*, std::ptrdiff_t, int, int, Grid<S>, std::uint32_t, S*, std::ptrdiff_t);         \
  template void noise_round_back(S*, std::ptrdiff_t, const S*, std::ptrdiff_t, int, int, Grid<S>, std::uint32_t, S*, \
                                 std::ptrdiff_t, bool, GridSums*);
SQUAT_INSTANTIATE(float)
SQUAT_INSTANTIATE(double)
#undef SQUAT_INSTANTIATE

}  // namespace squat::qat
