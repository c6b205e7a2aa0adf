// SPDX-License-Identifier: Apache-2.0
// Leaves of the MKMP array: operands of one 27 x 18 multiplier that does 2 or 4 products, its 48-bit sum, and the fields of
// that sum. RTL: squat_pack_pkg.sv, squat_dsp.sv, squat_accumulator.sv, proved equal (hw/formal/hls_*.sv).
#pragma once

#include "hls/leaves/numbers.hpp"

namespace squat {
namespace hls {

constexpr int kExtractPeriod = 8;  ///< steps between extractions, the same in every mode
constexpr int kShift4 = 22;        ///< distance of two int4 weights in the 27-bit operand
constexpr int kShift8 = 19;        ///< distance of two int8 weights
constexpr int kShiftPair = 11;     ///< distance of two int4 activations in the 18-bit operand

/// Values of the array's mode input.
enum class MkmpMode : std::uint8_t {
  kW4A8,       ///< two int4 weights x one int8 activation
  kW4A4,       ///< two int4 weights x the int4 activations of two tokens
  kW8Signed,   ///< two int8 weights (or keys) x one int8 activation
  kW8Unsigned  ///< two int8 values x one unsigned 8-bit probability
};

namespace leaf {

/// The 27-bit operand of two int4 weights, -8..7 each.
template <class N>
constexpr Int<N, 27> pack_w4(Int<N, 4> w1, Int<N, 4> w0) {
  return Int<N, 27>(w1 * (1 << kShift4) + w0);
}

/// The 27-bit operand of two narrow int8 weights, -127..127.
template <class N>
constexpr Int<N, 27> pack_w8(Int<N, 8> w1, Int<N, 8> w0) {
  return Int<N, 27>(w1 * (1 << kShift8) + w0);
}

/// The 18-bit operand of the 4-bit activations of two tokens, -8..7.
template <class N>
constexpr Int<N, 18> pack_a44(Int<N, 4> a1, Int<N, 4> a0) {
  return Int<N, 18>(a1 * (1 << kShiftPair) + a0);
}

/// One step: p + a * b in the 48-bit register.
template <class N>
constexpr Int<N, 48> multiply_add(Int<N, 48> p, Int<N, 27> a, Int<N, 18> b) {
  return Int<N, 48>(p + N::product(a, b));
}

/// Bits High..Low as a signed number, plus the borrow that the field below took (bit Low-1).
template <class N, int High, int Low>
constexpr Int<N, High - Low + 2> field_above(Int<N, 48> p) {
  return Int<N, High - Low + 2>(N::template field<High, Low>(p) + N::template bit<Low - 1>(p));
}

/// The sums in a register: of w0 and w1 with the first activation, and in kW4A4 with the second.
template <class N>
struct Fields {
  Int<N, 32> w0a0, w1a0, w0a1, w1a1;
};

/// kW4A4: four fields.
template <class N>
constexpr Fields<N> split_pair(Int<N, 48> p) {
  return Fields<N>{Int<N, 32>(N::template field<10, 0>(p)), Int<N, 32>(field_above<N, 32, 22>(p)),
                   Int<N, 32>(field_above<N, 21, 11>(p)), Int<N, 32>(field_above<N, 47, 33>(p))};
}

/// Two fields, Shift bits apart (kShift4 or kShift8).
template <class N, int Shift>
constexpr Fields<N> split_single(Int<N, 48> p) {
  return Fields<N>{Int<N, 32>(N::template field<Shift - 1, 0>(p)), Int<N, 32>(field_above<N, 47, Shift>(p)), Int<N, 32>(0),
                   Int<N, 32>(0)};
}

/// Any mode (as a number); one splitter in hardware.
template <class N>
constexpr Fields<N> split(Uint<N, 2> mode, Int<N, 48> p) {
  const Fields<N> pair = split_pair<N>(p);
  const Fields<N> w4 = split_single<N, kShift4>(p);
  const Fields<N> w8 = split_single<N, kShift8>(p);
  const typename N::Bool is_pair = mode == static_cast<unsigned>(MkmpMode::kW4A4);
  const typename N::Bool is_w4 = mode == static_cast<unsigned>(MkmpMode::kW4A8);
  return Fields<N>{N::select(is_pair, pair.w0a0, N::select(is_w4, w4.w0a0, w8.w0a0)),
                   N::select(is_pair, pair.w1a0, N::select(is_w4, w4.w1a0, w8.w1a0)), pair.w0a1, pair.w1a1};
}

}  // namespace leaf
}  // namespace hls
}  // namespace squat
