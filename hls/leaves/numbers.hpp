// SPDX-License-Identifier: Apache-2.0
// Families of integers. The datapath leaves (hls/leaves) are templates over a family, so one text is the golden model
// (NativeNumbers), the body of the Vitis kernels (ApNumbers, hls/ap) and the source of derived SystemVerilog (RecordedNumbers,
// hls/elaborate). C++14, like everything a Vitis kernel includes.
#pragma once

#include <cstdint>
#include <type_traits>

namespace squat {
namespace hls {

template <class N, int W>
using Int = typename N::template Int<W>;  ///< signed, W bits
template <class N, int W>
using Uint = typename N::template Uint<W>;  ///< unsigned, W bits

/// The processor's integers: at least W bits, so nothing is cut off. Uint<32> has exactly 32, so that hashes wrap.
struct NativeNumbers {
  template <int W>
  using Int = std::int64_t;
  template <int W>
  using Uint = std::conditional_t<W == 32, std::uint32_t, std::uint64_t>;
  using Bool = bool;

  /// a * b without losing a bit.
  template <typename A, typename B>
  static constexpr auto product(A a, B b) {
    using Wide = std::conditional_t<std::is_signed<A>::value || std::is_signed<B>::value, std::int64_t, std::uint64_t>;
    return static_cast<Wide>(a) * static_cast<Wide>(b);
  }
  /// Bits High..Low as a signed number.
  template <int High, int Low>
  static constexpr std::int64_t field(std::int64_t v) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(v) << (63 - High)) >> (63 - High + Low);
  }
  template <int Index>
  static constexpr std::int64_t bit(std::int64_t v) {
    return v >> Index & 1;
  }
  template <typename T>
  static constexpr T select(bool condition, T yes, T no) {
    return condition ? yes : no;
  }
};

}  // namespace hls
}  // namespace squat
