// SPDX-License-Identifier: Apache-2.0
// Integers of 1 to 64 bits. Interface: hls/ap/ap_int.hpp.
#pragma once

#include <cstdint>
#include <type_traits>

namespace squat {
namespace ap {

template <int W, bool S, bool Wide = (W > 64)>
class Integer;

/// The low W bits of v, sign- or zero-extended.
template <int W, bool S>
constexpr std::uint64_t keep_low(std::uint64_t v) {
  return S ? static_cast<std::uint64_t>(static_cast<std::int64_t>(v << (64 - W)) >> (64 - W)) : v << (64 - W) >> (64 - W);
}

/// Bits low .. low+width-1 of a number, as a value or a place to write to. width 1..64.
template <class Number>
class Range {
 public:
  Range(Number& number, int high, int low) : number_(number), low_(low), width_(high - low + 1) {}
  Range(const Range&) = default;
  operator std::uint64_t() const { return number_.get_bits(low_, width_); }
  Range& operator=(std::uint64_t v) {
    number_.set_bits(low_, width_, v);
    return *this;
  }
  template <int V, bool R>
  Range& operator=(const Integer<V, R>& v) {
    return *this = v.bits();
  }
  Range& operator=(const Range& other) { return *this = static_cast<std::uint64_t>(other); }

 private:
  Number& number_;
  int low_, width_;
};

template <int W, bool S>
class Integer<W, S, false> {
  static_assert(W >= 1, "a number has at least one bit");
  using Native = std::conditional_t<S, std::int64_t, std::uint64_t>;

 public:
  static constexpr int width = W;

  constexpr Integer() : v_(0) {}
  template <typename T, typename = std::enable_if_t<std::is_integral<T>::value>>
  constexpr Integer(T v) : v_(keep_low<W, S>(static_cast<std::uint64_t>(v))) {}
  template <int V, bool R>
  constexpr Integer(const Integer<V, R, false>& other) : v_(keep_low<W, S>(other.bits())) {}
  template <class Number>
  Integer(const Range<Number>& range) : v_(keep_low<W, S>(range)) {}

  constexpr operator Native() const { return static_cast<Native>(v_); }
  constexpr int to_int() const { return static_cast<int>(v_); }
  /// The value, extended to 64 bits.
  constexpr std::uint64_t bits() const { return v_; }

  Range<Integer> range(int high, int low) { return Range<Integer>(*this, high, low); }
  Range<const Integer> range(int high, int low) const { return Range<const Integer>(*this, high, low); }
  Range<Integer> operator[](int bit) { return range(bit, bit); }
  bool operator[](int bit) const { return (v_ >> bit & 1U) != 0; }

  std::uint64_t get_bits(int low, int count) const { return keep(v_ >> low, count); }
  void set_bits(int low, int count, std::uint64_t v) {
    const std::uint64_t mask = keep(~std::uint64_t{0}, count) << low;
    v_ = keep_low<W, S>((v_ & ~mask) | (v << low & mask));
  }

  constexpr Integer operator~() const { return Integer(~v_); }
  template <int V, bool R>
  constexpr Integer operator<<(const Integer<V, R>& n) const {
    return *this << n.to_int();
  }
  template <int V, bool R>
  constexpr Integer operator>>(const Integer<V, R>& n) const {
    return *this >> n.to_int();
  }
  constexpr Integer operator<<(int n) const { return Integer(n >= W ? 0 : v_ << n); }
  constexpr Integer operator>>(int n) const {
    return Integer(static_cast<Native>(v_) >> (n >= W ? W - 1 : n) >> (n >= W ? 1 : 0));
  }

  template <typename T>
  Integer& operator+=(const T& other) {
    return *this = Integer(*this + other);
  }
  template <typename T>
  Integer& operator-=(const T& other) {
    return *this = Integer(*this - other);
  }
  Integer& operator++() { return *this += 1; }

 private:
  static constexpr std::uint64_t keep(std::uint64_t v, int count) { return v << (64 - count) >> (64 - count); }
  std::uint64_t v_;
};

/// The number that a native operand counts as.
template <typename T>
using AsInteger = Integer<std::is_same<T, bool>::value ? 1 : static_cast<int>(8 * sizeof(T)), std::is_signed<T>::value>;

/// Widths of results: of a sum, and of a bitwise operation one less. An unsigned operand beside a signed one counts one bit
/// more.
constexpr int sum_width(int wa, bool sa, int wb, bool sb) {
  return (wa + (sb && !sa ? 1 : 0) > wb + (sa && !sb ? 1 : 0) ? wa + (sb && !sa ? 1 : 0) : wb + (sa && !sb ? 1 : 0)) + 1;
}

// NAME: the operator; WIDTH, SIGN: of the result, from VA, SA, VB, SB.
#define SQUAT_AP_OPERATOR(NAME, WIDTH, SIGN)                                                             \
  template <int VA, bool SA, int VB, bool SB>                                                            \
  constexpr Integer<(WIDTH), (SIGN)> operator NAME(const Integer<VA, SA>& a, const Integer<VB, SB>& b) { \
    static_assert((WIDTH) <= 64, "the result has more than 64 bits: narrow an operand first");           \
    return Integer<(WIDTH), (SIGN)>(a.bits() NAME b.bits());                                             \
  }                                                                                                      \
  template <int VA, bool SA, typename T, typename = std::enable_if_t<std::is_integral<T>::value>>        \
  constexpr auto operator NAME(const Integer<VA, SA>& a, T b) {                                          \
    return a NAME AsInteger<T>(b);                                                                       \
  }                                                                                                      \
  template <int VB, bool SB, typename T, typename = std::enable_if_t<std::is_integral<T>::value>>        \
  constexpr auto operator NAME(T a, const Integer<VB, SB>& b) {                                          \
    return AsInteger<T>(a) NAME b;                                                                       \
  }
SQUAT_AP_OPERATOR(+, (sum_width(VA, SA, VB, SB)), (SA || SB))
SQUAT_AP_OPERATOR(-, (sum_width(VA, SA, VB, SB)), true)
SQUAT_AP_OPERATOR(*, (VA + VB), (SA || SB))
SQUAT_AP_OPERATOR(&, (sum_width(VA, SA, VB, SB) - 1), (SA || SB))
SQUAT_AP_OPERATOR(|, (sum_width(VA, SA, VB, SB) - 1), (SA || SB))
SQUAT_AP_OPERATOR(^, (sum_width(VA, SA, VB, SB) - 1), (SA || SB))
#undef SQUAT_AP_OPERATOR

/// Is the number below zero?
template <int W, bool S>
constexpr bool negative(const Integer<W, S>& v) {
  return S && static_cast<std::int64_t>(v.bits()) < 0;
}

/// Compares values, not bit patterns: -1 is less than any unsigned number.
template <int VA, bool SA, int VB, bool SB>
constexpr bool less(const Integer<VA, SA>& a, const Integer<VB, SB>& b) {
  return negative(a) != negative(b) ? negative(a) : a.bits() < b.bits();
}
template <int VA, bool SA, int VB, bool SB>
constexpr bool equal(const Integer<VA, SA>& a, const Integer<VB, SB>& b) {
  return negative(a) == negative(b) && a.bits() == b.bits();
}

#define SQUAT_AP_COMPARISON(NAME, RESULT)                                                          \
  template <int VA, bool SA, int VB, bool SB>                                                      \
  constexpr bool operator NAME(const Integer<VA, SA, false>& a, const Integer<VB, SB, false>& b) { \
    return RESULT;                                                                                 \
  }                                                                                                \
  template <int VA, bool SA, typename T, typename = std::enable_if_t<std::is_integral<T>::value>>  \
  constexpr bool operator NAME(const Integer<VA, SA, false>& a, T b) {                             \
    return a NAME AsInteger<T>(b);                                                                 \
  }                                                                                                \
  template <int VB, bool SB, typename T, typename = std::enable_if_t<std::is_integral<T>::value>>  \
  constexpr bool operator NAME(T a, const Integer<VB, SB, false>& b) {                             \
    return AsInteger<T>(a) NAME b;                                                                 \
  }
SQUAT_AP_COMPARISON(<, less(a, b))
SQUAT_AP_COMPARISON(>, less(b, a))
SQUAT_AP_COMPARISON(<=, !less(b, a))
SQUAT_AP_COMPARISON(>=, !less(a, b))
SQUAT_AP_COMPARISON(==, equal(a, b))
SQUAT_AP_COMPARISON(!=, !equal(a, b))
#undef SQUAT_AP_COMPARISON

}  // namespace ap
}  // namespace squat
