// SPDX-License-Identifier: Apache-2.0
// Leaves of requantisation: y = sat((x*m + 2^(s-1)) >> s), rounding half up. docs/reference/numbers.md, "Requantise".
// RTL: squat_requant_lane.sv in squat_post_requant.sv and squat_io_requant.sv, proved equal (hw/formal/hls_*.sv).
#pragma once

#include "hls/leaves/numbers.hpp"

namespace squat {
namespace hls {
namespace leaf {

/// v * 2^-n, rounded half up; n = 0: v.
template <class N>
constexpr Int<N, 50> round_shift(Int<N, 50> v, Uint<N, 6> n) {
  const Int<N, 50> half = Int<N, 50>((Uint<N, 50>(1) << n) >> 1);
  return Int<N, 50>(v + half) >> n;
}

/// v kept within low..high.
template <class N>
constexpr Int<N, 32> saturate(Int<N, 50> v, Int<N, 32> low, Int<N, 32> high) {
  return N::select(v > high, high, N::select(v < low, low, Int<N, 32>(v)));
}

/// product * 2^-s on the output's grid.
template <class N>
constexpr Int<N, 32> scale(Int<N, 50> product, Uint<N, 6> s, Int<N, 32> low, Int<N, 32> high) {
  return saturate<N>(round_shift<N>(product, s), low, high);
}

/// product * 2^-s as an int8 code from low8 to 127, or as a 4-bit code shown on the 8-bit grid (c << 3): rounded once.
template <class N>
constexpr Int<N, 8> scale_code(Int<N, 50> product, Uint<N, 6> s, typename N::Bool eight, Int<N, 32> low8) {
  const Uint<N, 6> shift = N::select(eight, s, Uint<N, 6>(s + 3));
  const Int<N, 32> low = N::select(eight, low8, Int<N, 32>(-8));
  const Int<N, 32> high = N::select(eight, Int<N, 32>(127), Int<N, 32>(7));
  const Int<N, 32> code = scale<N>(product, shift, low, high);
  return Int<N, 8>(N::select(eight, code, Int<N, 32>(code * 8)));
}

/// x * m * 2^-s on the output's grid. |x| < 2^26; m 0..2^17-1; s 0..46.
template <class N>
constexpr Int<N, 32> requantize(Int<N, 27> x, Uint<N, 17> m, Uint<N, 6> s, Int<N, 32> low, Int<N, 32> high) {
  return scale<N>(Int<N, 50>(N::product(x, m)), s, low, high);
}

/// The same as a code.
template <class N>
constexpr Int<N, 8> requantize_code(Int<N, 27> x, Uint<N, 17> m, Uint<N, 6> s, typename N::Bool eight, Int<N, 32> low8) {
  return scale_code<N>(Int<N, 50>(N::product(x, m)), s, eight, low8);
}

}  // namespace leaf
}  // namespace hls
}  // namespace squat
