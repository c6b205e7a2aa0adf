// SPDX-License-Identifier: Apache-2.0
// ap_int<W> and ap_uint<W> for any C++14 compiler: the part of the vendor's interface that the kernels use, with the same
// result widths. Synthesis (__SYNTHESIS__) and SQUAT_VENDOR_HEADERS take the vendor's ap_int.h.
//   Up to 64 bits: + - * (the result holds every value), & | ^ ~ << >>, comparisons, range(high, low), [bit].
//   Beyond (words of a port): copies, ==, range of at most 64 bits, [bit].
// Assignment keeps the low W bits; >> of a signed number is arithmetic; a native operand counts with its type's width.
// Unlike the vendor's, a new number is 0, and a result beyond 64 bits does not compile.
#pragma once

#if defined(__SYNTHESIS__) || defined(SQUAT_VENDOR_HEADERS)
#include <ap_int.h>
#else

#include "hls/ap/integer.hpp"
#include "hls/ap/wide_integer.hpp"

template <int W>
using ap_int = squat::ap::Integer<W, true>;
template <int W>
using ap_uint = squat::ap::Integer<W, false>;

#endif
