// SPDX-License-Identifier: Apache-2.0
// Row blocks of a causal map: rows first..last - 1 need columns 0..last - 1 only.
#pragma once

#include <algorithm>

namespace squat::qat {

constexpr int kMapBlock = 64;

template <typename Visit>
void for_each_block(int length, Visit&& visit) {
  for (int first = 0; first < length; first += kMapBlock) visit(first, std::min(length, first + kMapBlock));
}

/// From the last block, which has all columns, to the first.
template <typename Visit>
void for_each_block_backwards(int length, Visit&& visit) {
  for (int first = (length - 1) / kMapBlock * kMapBlock; first >= 0; first -= kMapBlock) {
    visit(first, std::min(length, first + kMapBlock));
  }
}

}  // namespace squat::qat
