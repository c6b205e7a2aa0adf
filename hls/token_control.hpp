// SPDX-License-Identifier: Apache-2.0
// Token Control Logic Module (TCLM): which tokens keep 8 bits, and the order in which they are processed.
// Squat, arXiv 2402.10787, section on token-adaptive quantisation (eq. 14); rules: docs/reference/numbers.md, "Widths".
#pragma once

#include <cstdint>

namespace squat::hls {

constexpr std::uint32_t kRhoDen = 1024;  ///< the 8-bit share rho is rho_num / kRhoDen
constexpr int kMaxChunk = 128;           ///< tokens of one pass
constexpr int kSlotGroup = 16;           ///< slots of one array row group; the 4-bit group starts at a multiple of it
constexpr int kMaxSlots = kMaxChunk + kSlotGroup;

/// Values are part of the command format (hw/spec).
enum class WidthRule : std::uint8_t { kAll8 = 0, kAll4 = 1, kSequence = 2, kBudget = 3, kPrefix = 4, kRandom = 5, kReversed = 6 };

struct WidthParams {
  WidthRule rule = WidthRule::kAll8;
  std::uint32_t rho_num = 0;    ///< 0..kRhoDen
  std::uint32_t threshold = 0;  ///< budget: wants 8 bit when score * (position + 1) >= threshold
  std::uint32_t seed = 0;       ///< random
  std::uint32_t layer = 0;      ///< random: mixed into the key
};

/// The random rule's key of a token (a 32-bit finaliser of seed, layer and position).
std::uint32_t random_key(std::uint32_t seed, std::uint32_t layer, std::uint32_t position);

/// Decides the widths of the tokens of one pass.
/// scores (tokens): sum over heads of the wide probability of token 0, Q.16 per head.
/// first_position: position of token 0 of the pass; 1 <= tokens <= kMaxChunk.
/// eight_before: number of 8-bit tokens at earlier positions in this layer.
/// eight (tokens): 1 = 8 bit, 0 = 4 bit. Returns eight_before + number of 8-bit tokens of this pass.
/// sequence, random and reversed rank the whole pass when first_position == 0 and follow budget's controller otherwise;
/// position 0 is always 8 bit (except kAll4); ties go to the lower position.
std::uint32_t assign_widths(const WidthParams& params, const std::uint32_t* scores, int tokens, std::uint32_t first_position,
                            std::uint32_t eight_before, std::uint8_t* eight);

/// Slots: 8-bit tokens in order from slot 0, 4-bit tokens in order from slot first4 (a multiple of kSlotGroup).
struct Grouping {
  int tokens = 0;
  int eight = 0;                             ///< number of 8-bit tokens
  int first4 = 0;                            ///< first slot of the 4-bit group
  std::uint8_t slot_of_token[kMaxChunk];     ///< slot of token i
  std::uint8_t token_of_slot[kMaxSlots];     ///< 0xff where a slot is empty
  int slots() const { return first4 + (tokens - eight); }
};

void group_tokens(const std::uint8_t* eight, int tokens, Grouping& out);

}  // namespace squat::hls
