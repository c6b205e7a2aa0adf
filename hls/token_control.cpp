// SPDX-License-Identifier: Apache-2.0
#include "hls/token_control.hpp"

namespace squat::hls {
namespace {

/// ceil(rho * n).
int eight_bit_count(std::uint32_t rho_num, int n) {
  return static_cast<int>(leaf::eight_limit<NativeNumbers>(rho_num, static_cast<std::uint64_t>(n)));
}

/// One number per token such that the tokens with the largest numbers are 8 bit.
std::uint32_t ranking_key(const WidthParams& p, std::uint32_t score, int token) {
  const std::uint32_t hash = random_key(p.seed, p.layer, static_cast<std::uint32_t>(token));
  return leaf::ranking_key<NativeNumbers>(p.rule == WidthRule::kReversed, p.rule == WidthRule::kRandom, score, hash);
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
      const auto at = [](int token) { return static_cast<std::uint64_t>(token); };
      if (leaf::comes_before<NativeNumbers>(at(j), key[j], at(seen), at(i), key[i])) ++rank;
    }
    eight[i] = rank < eight_bit_count(p.rho_num, seen) ? 1 : 0;
  }
}

bool wants_eight(const WidthParams& p, std::uint32_t score, std::uint32_t position) {
  return leaf::wants_eight<NativeNumbers>(p.rule == WidthRule::kReversed, p.rule == WidthRule::kRandom, score,
                                          random_key(p.seed, p.layer, position), position, p.threshold, p.rho_num);
}

}  // namespace

std::uint32_t random_key(std::uint32_t seed, std::uint32_t layer, std::uint32_t position) {
  return leaf::random_key<NativeNumbers>(leaf::random_base<NativeNumbers>(seed, layer), position);
}

bool within_budget(bool want, std::uint32_t rho_num, std::uint32_t position, std::uint32_t eight_before) {
  return leaf::within_budget<NativeNumbers>(want, leaf::budget_target<NativeNumbers>(rho_num, position), eight_before);
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
