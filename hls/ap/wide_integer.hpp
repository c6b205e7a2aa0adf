// SPDX-License-Identifier: Apache-2.0
// Words of more than 64 bits, as ports and streams carry them: copied, compared, and read and written in ranges of at most 64
// bits.
#pragma once

#include "hls/ap/integer.hpp"

namespace squat {
namespace ap {

template <int W, bool S>
class Integer<W, S, true> {
  static constexpr int kWords = (W + 63) / 64;

 public:
  static constexpr int width = W;

  Integer() = default;
  /// A small constant, sign-extended if its type is signed.
  template <typename T, typename = std::enable_if_t<std::is_integral<T>::value>>
  Integer(T v) {
    const std::uint64_t above = std::is_signed<T>::value && v < T(0) ? ~std::uint64_t{0} : 0;
    for (int i = 0; i < kWords; ++i) words_[i] = i == 0 ? static_cast<std::uint64_t>(v) : above;
    words_[kWords - 1] = keep_low<(W - 1) % 64 + 1, false>(words_[kWords - 1]);
  }

  Range<Integer> range(int high, int low) { return Range<Integer>(*this, high, low); }
  Range<const Integer> range(int high, int low) const { return Range<const Integer>(*this, high, low); }
  Range<Integer> operator[](int bit) { return range(bit, bit); }
  bool operator[](int bit) const { return get_bits(bit, 1) != 0; }

  bool operator==(const Integer& other) const {
    bool same = true;
    for (int i = 0; i < kWords; ++i) same = same && words_[i] == other.words_[i];
    return same;
  }
  bool operator!=(const Integer& other) const { return !(*this == other); }

  std::uint64_t get_bits(int low, int count) const {
    const int word = low / 64, shift = low % 64;
    std::uint64_t v = words_[word] >> shift;
    if (shift + count > 64) v |= words_[word + 1] << (64 - shift);
    return v << (64 - count) >> (64 - count);
  }
  void set_bits(int low, int count, std::uint64_t v) {
    const int word = low / 64, shift = low % 64;
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - count);
    words_[word] = (words_[word] & ~(mask << shift)) | (v & mask) << shift;
    if (shift + count > 64) words_[word + 1] = (words_[word + 1] & ~(mask >> (64 - shift))) | (v & mask) >> (64 - shift);
  }

 private:
  std::uint64_t words_[kWords] = {};
};

}  // namespace ap
}  // namespace squat
