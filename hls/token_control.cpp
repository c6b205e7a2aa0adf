// SPDX-License-Identifier: Apache-2.0
#include "hls/token_control.hpp"

namespace squat::hls {
namespace {

/// ceil(rho * n).
int eight_bit_count(std::uint32_t rho_num, int n) {
  return static_cast<int>((rho_num * static_cast<std::uint32_t>(n) + kRhoDen - 1) / kRhoDen);
}

/// One number per token such that the tokens with the largest numbers are 8 bit.
std::uint32_t ranking_key(const WidthParams& p, std::uint32_t score, int token) {
  if (p.rule == WidthRule::kReversed) return ~score;
  if (p.rule == WidthRule::kRandom) return random_key(p.seed, p.layer, static_cast<std::uint32_t>(token));
  return score;
}

/// Rank by counting, as hardware with one comparator per token does it.
void rank_pass(const WidthParams& p, const std::uint32_t* scores, int tokens, std::uint8_t* eight) {
  std::uint32_t key[kMaxChunk];
  for (int i = 0; i < tokens; ++i) key[i] = ranking_key(p, scores[i], i);
  const bool prefix = p.rule == WidthRule::kPrefix;
  eight[0] = 1;
  for (int i = 1; i < tokens; ++i) {
    const int seen = prefix ? i + 1 : tokens;
    int rank = 1;  // position 0 comes first
    for (int j = 1; j < seen; ++j) {
      if (key[j] > key[i] || (key[j] == key[i] && j < i)) ++rank;
    }
    eight[i] = rank < eight_bit_count(p.rho_num, seen) ? 1 : 0;
  }
}

bool wants_eight(const WidthParams& p, std::uint32_t score, std::uint32_t position) {
  if (p.rule == WidthRule::kRandom) return (random_key(p.seed, p.layer, position) >> 22) < p.rho_num;
  const bool above = static_cast<std::uint64_t>(score) * (std::uint64_t{position} + 1) >= p.threshold;
  return p.rule == WidthRule::kReversed ? !above : above;
}

}  // namespace

std::uint32_t random_key(std::uint32_t seed, std::uint32_t layer, std::uint32_t position) {
  std::uint32_t x = seed * 0x9e3779b9U + (layer << 16) + position;
  x ^= x >> 16;
  x *= 0x85ebca6bU;
  x ^= x >> 13;
  x *= 0xc2b2ae35U;
  return x ^ (x >> 16);
}

bool within_budget(bool want, std::uint32_t rho_num, std::uint32_t position, std::uint32_t eight_before) {
  const std::int64_t used = std::int64_t{kRhoDen} * (std::int64_t{eight_before} + 1);
  const std::int64_t target = std::int64_t{rho_num} * (std::int64_t{position} + 1);
  const std::int64_t slack = kBudgetSlack * kRhoDen;
  return (want && used <= target + slack) || used <= target - slack;
}

std::uint32_t assign_widths(const WidthParams& params, const std::uint32_t* scores, int tokens, std::uint32_t first_position,
                            std::uint32_t eight_before, std::uint8_t* eight) {
  const bool uniform = params.rule == WidthRule::kAll8 || params.rule == WidthRule::kAll4;
  const bool ranked = !uniform && params.rule != WidthRule::kBudget && first_position == 0;
  if (ranked) rank_pass(params, scores, tokens, eight);
  std::uint32_t count = eight_before;
  for (int i = 0; i < tokens; ++i) {
    const std::uint32_t position = first_position + static_cast<std::uint32_t>(i);
    if (uniform) {
      eight[i] = params.rule == WidthRule::kAll8 ? 1 : 0;
    } else if (!ranked) {
      const bool want = wants_eight(params, scores[i], position);
      eight[i] = position == 0 || within_budget(want, params.rho_num, position, count) ? 1 : 0;
    }
    count += eight[i];
  }
  return count;
}

void group_tokens(const std::uint8_t* eight, int tokens, Grouping& out) {
  out.tokens = tokens;
  out.eight = 0;
  for (int i = 0; i < tokens; ++i) out.eight += eight[i];
  out.first4 = (out.eight + kSlotGroup - 1) / kSlotGroup * kSlotGroup;
  for (int s = 0; s < kMaxSlots; ++s) out.token_of_slot[s] = 0xff;
  int next8 = 0;
  int next4 = out.first4;
  for (int i = 0; i < tokens; ++i) {
    const int slot = eight[i] != 0 ? next8++ : next4++;
    out.slot_of_token[i] = static_cast<std::uint8_t>(slot);
    out.token_of_slot[slot] = static_cast<std::uint8_t>(i);
  }
}

}  // namespace squat::hls
