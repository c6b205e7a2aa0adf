// SPDX-License-Identifier: Apache-2.0
// The family of ap_int and ap_uint: what the leaves are in a Vitis kernel.
#pragma once

#include "hls/ap/ap_int.hpp"
#include "hls/leaves/numbers.hpp"

namespace squat {
namespace hls {

struct ApNumbers {
  template <int W>
  using Int = ap_int<W>;
  template <int W>
  using Uint = ap_uint<W>;
  using Bool = bool;

  template <typename A, typename B>
  static constexpr auto product(const A& a, const B& b) {
    return a * b;
  }
  template <int High, int Low>
  static ap_int<High - Low + 1> field(const ap_int<48>& v) {
    return ap_int<High - Low + 1>(v.range(High, Low));
  }
  template <int Index>
  static ap_uint<1> bit(const ap_int<48>& v) {
    return ap_uint<1>(v[Index]);
  }
  template <typename T>
  static T select(bool condition, const T& yes, const T& no) {
    return condition ? yes : no;
  }
};

}  // namespace hls
}  // namespace squat
