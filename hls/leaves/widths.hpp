// SPDX-License-Identifier: Apache-2.0
// Leaves of the token control logic: the key of a token, the comparison that ranks it, and the share controller.
// docs/reference/numbers.md, "Widths". RTL: squat_width_key.sv, squat_width_rank.sv, proved equal (hw/formal/hls_*.sv).
#pragma once

#include "hls/leaves/numbers.hpp"

namespace squat {
namespace hls {

constexpr std::uint32_t kRhoDen = 1024;  ///< the 8-bit share rho is rho_num / kRhoDen
constexpr int kMaxChunk = 128;           ///< tokens of one pass
constexpr int kSlotGroup = 16;           ///< slots of one array row group; the 4-bit group starts at a multiple of it
constexpr int kMaxSlots = kMaxChunk + kSlotGroup;
constexpr int kBudgetSlack = 1;  ///< how far the controller lets the number of 8-bit tokens drift from rho * (position + 1)

/// Values are part of the command format (hw/spec).
enum class WidthRule : std::uint8_t {
  kAll8 = 0,
  kAll4 = 1,
  kSequence = 2,
  kBudget = 3,
  kPrefix = 4,
  kRandom = 5,
  kReversed = 6
};

namespace leaf {

/// What the random keys of a layer start from: seed * 0x9e3779b9 + (layer << 16) mod 2^32.
template <class N>
constexpr Uint<N, 32> random_base(Uint<N, 32> seed, Uint<N, 32> layer) {
  return Uint<N, 32>(Uint<N, 32>(N::product(seed, 0x9e3779b9U)) + (layer << 16));
}

/// The random rule's key: base + position through the finaliser x ^= x >> 16; x *= 0x85ebca6b; x ^= x >> 13; x *= 0xc2b2ae35;
/// x ^= x >> 16.
template <class N>
constexpr Uint<N, 32> random_key(Uint<N, 32> base, Uint<N, 32> position) {
  const Uint<N, 32> sum = Uint<N, 32>(base + position);
  const Uint<N, 32> first = Uint<N, 32>(N::product(Uint<N, 32>(sum ^ (sum >> 16)), 0x85ebca6bU));
  const Uint<N, 32> second = Uint<N, 32>(N::product(Uint<N, 32>(first ^ (first >> 13)), 0xc2b2ae35U));
  return Uint<N, 32>(second ^ (second >> 16));
}

/// The tokens with the largest keys are 8 bit.
template <class N>
constexpr Uint<N, 32> ranking_key(typename N::Bool reversed, typename N::Bool random, Uint<N, 32> score, Uint<N, 32> hash) {
  return N::select(random, hash, N::select(reversed, Uint<N, 32>(~score), score));
}

/// Does the token ask the share controller for 8 bits?
template <class N>
constexpr typename N::Bool wants_eight(typename N::Bool reversed, typename N::Bool random, Uint<N, 32> score, Uint<N, 32> hash,
                                       Uint<N, 17> position, Uint<N, 32> threshold, Uint<N, 11> rho_num) {
  const Uint<N, 17> next = Uint<N, 17>(position + 1U);
  const typename N::Bool above = N::product(score, next) >= threshold;
  return N::select(random, Uint<N, 32>(hash >> 22) < rho_num, above != reversed);
}

/// floor(rho * (position + 1)): the share of the budget so far.
template <class N>
constexpr Int<N, 19> budget_target(Uint<N, 11> rho_num, Uint<N, 17> position) {
  const Uint<N, 17> next = Uint<N, 17>(position + 1U);
  return Int<N, 19>(N::product(rho_num, next) >> 10);
}

/// The share controller: is a token 8 bit when `eight_before` earlier ones were? Yes if it wants to and the share is not
/// exceeded, or if the share would not be reached.
template <class N>
constexpr typename N::Bool within_budget(typename N::Bool want, Int<N, 19> target, Uint<N, 17> eight_before) {
  const Int<N, 19> used = Int<N, 19>(eight_before + 1U);
  return (want && used <= target + kBudgetSlack) || used <= target - kBudgetSlack;
}

/// Does token j come before token i in the ranking of the `seen` tokens? Position 0 is counted separately.
template <class N>
constexpr typename N::Bool comes_before(Uint<N, 8> j, Uint<N, 32> key_j, Uint<N, 8> seen, Uint<N, 8> i, Uint<N, 32> key_i) {
  return j != 0 && j < seen && (key_j > key_i || (key_j == key_i && j < i));
}

/// ceil(rho * seen): how many tokens are 8 bit.
template <class N>
constexpr Uint<N, 8> eight_limit(Uint<N, 11> rho_num, Uint<N, 8> seen) {
  return Uint<N, 8>((N::product(rho_num, seen) + (kRhoDen - 1U)) >> 10);
}

}  // namespace leaf
}  // namespace hls
}  // namespace squat
