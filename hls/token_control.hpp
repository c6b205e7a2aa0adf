// SPDX-License-Identifier: Apache-2.0
// Token Control Logic Module (TCLM): which tokens keep 8 bits, and the order in which they are processed.
// Squat, arXiv 2402.10787, section on token-adaptive quantisation (eq. 14); rules: docs/reference/numbers.md, "Widths".
#pragma once

#include <cstdint>

#include "hls/leaves/widths.hpp"

namespace squat::hls {

struct WidthParams {
  WidthRule rule = WidthRule::kAll8;
  std::uint32_t rho_num = 0;    ///< 0..kRhoDen
  std::uint32_t threshold = 0;  ///< budget: wants 8 bit when score * (position + 1) >= threshold
  std::uint32_t seed = 0;       ///< random
  std::uint32_t layer = 0;      ///< random: mixed into the key
};

/// The random rule's key of a token: x = seed * 0x9e3779b9 + (layer << 16) + position (mod 2^32), then the finaliser
/// x ^= x >> 16; x *= 0x85ebca6b; x ^= x >> 13; x *= 0xc2b2ae35; x ^= x >> 16.
std::uint32_t random_key(std::uint32_t seed, std::uint32_t layer, std::uint32_t position);

/// The share controller: is the token at `position` 8 bit, when `eight_before` earlier ones were? With n = eight_before + 1 and
/// target = rho_num * (position + 1): yes if it wants to and kRhoDen * n <= target + slack * kRhoDen, or if kRhoDen * n <=
/// target - slack * kRhoDen.
bool within_budget(bool want, std::uint32_t rho_num, std::uint32_t position, std::uint32_t eight_before);

/// Decides the widths of the tokens of one pass.
/// scores (tokens): sum over heads of the wide probability of token 0, Q.16 per head.
/// first_position: position of token 0 of the pass; 1 <= tokens <= kMaxChunk.
/// eight_before: number of 8-bit tokens at earlier positions in this layer.
/// eight (tokens): 1 = 8 bit, 0 = 4 bit. Returns eight_before + number of 8-bit tokens of this pass.
///
/// Position 0 is always 8 bit (except kAll4) and counts; in a ranking it comes first. Other ties go to the lower position.
///   kAll8, kAll4  every token.
///   kSequence     the ceil(rho * tokens) highest scores of the pass, at least position 0.
///   kReversed     position 0 and the lowest scores, ceil(rho * tokens) in all.
///   kRandom       position 0 and the highest random keys, ceil(rho * tokens) in all.
///   kPrefix       token i when its rank among tokens 0..i is below ceil(rho * (i + 1)).
///   kBudget       the share controller with want = score * (position + 1) >= threshold. Each decision uses the past only, so
///   that
///                 any chunking of a prompt gives the same widths.
/// The four ranking rules see one pass only; on later passes (first_position > 0) they use the controller: kSequence and
/// kPrefix with the wish of kBudget, kReversed with its negation, kRandom with (random_key >> 22) < rho_num.
std::uint32_t assign_widths(const WidthParams& params, const std::uint32_t* scores, int tokens, std::uint32_t first_position,
                            std::uint32_t eight_before, std::uint8_t* eight);

/// Slots: 8-bit tokens in order from slot 0, 4-bit tokens in order from slot first4 (a multiple of kSlotGroup).
struct Grouping {
  int tokens = 0;
  int eight = 0;                          ///< number of 8-bit tokens
  int first4 = 0;                         ///< first slot of the 4-bit group
  std::uint8_t slot_of_token[kMaxChunk];  ///< slot of token i
  std::uint8_t token_of_slot[kMaxSlots];  ///< 0xff where a slot is empty
  int slots() const { return first4 + (tokens - eight); }
};

void group_tokens(const std::uint8_t* eight, int tokens, Grouping& out);

}  // namespace squat::hls
