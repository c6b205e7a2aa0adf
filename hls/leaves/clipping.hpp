// SPDX-License-Identifier: Apache-2.0
// Leaf of the clip count: does a code lie at an end of its range? Many such codes show a badly chosen scale.
// RTL: squat_clip_count.sv, proved equal (hw/formal/hls_clipping.sv).
#pragma once

#include "hls/leaves/numbers.hpp"

namespace squat {
namespace hls {
namespace leaf {

/// code: int8, a 4-bit code c as 8*c. eight: the token keeps 8 bits.
template <class N>
constexpr typename N::Bool is_clipped(Int<N, 8> code, typename N::Bool eight) {
  const Int<N, 8> low = N::select(eight, Int<N, 8>(-128), Int<N, 8>(-64));
  const Int<N, 8> high = N::select(eight, Int<N, 8>(127), Int<N, 8>(56));
  return code == low || code == high;
}

}  // namespace leaf
}  // namespace hls
}  // namespace squat
