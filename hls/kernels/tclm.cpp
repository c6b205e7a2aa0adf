// SPDX-License-Identifier: Apache-2.0
// Three loops like the states of hw/rtl/squat_tclm.sv: load (keys; the share controller decides here), rank (16 comparators),
// table.
#include "hls/kernels/tclm.hpp"

#include "hls/ap/ap_numbers.hpp"
#include "hls/kernels/shape.hpp"
#include "hls/leaves/widths.hpp"

namespace squat {
namespace hls {
namespace {

constexpr int kComparators = 16;
constexpr int kKeyGroups = kMaxChunk / kComparators;

struct Decisions {
  bool eight[kMaxChunk];
  ap_uint<8> count;
};

void decide(Decisions& d, int token, bool eight) {
#pragma HLS inline
  d.eight[token] = eight;
  if (eight) d.count += 1;
}

/// Rank by counting: one token against 16 keys a cycle.
void rank_tokens(const ap_uint<32> keys[kKeyGroups][kComparators], ap_uint<8> tokens, bool prefix, ap_uint<11> rho_num,
                 Decisions& d, int& cycle) {
  int token = 0, group = 0;
  ap_uint<8> rank = 1;  // position 0 comes first
rank_groups:
  for (int i = 0; i < kMaxChunk * kKeyGroups; ++i) {
#pragma HLS pipeline II = 1
    if (token == tokens) break;
    const ap_uint<8> seen = prefix ? ap_uint<8>(token + 1) : tokens;
    const ap_uint<32> key = keys[token / kComparators][token % kComparators];
    ap_uint<5> above = 0;
  rank_lanes:
    for (int lane = 0; lane < kComparators; ++lane) {
#pragma HLS unroll
      const ap_uint<8> other = ap_uint<8>(group * kComparators + lane);
      if (leaf::comes_before<ApNumbers>(other, keys[group][lane], seen, ap_uint<8>(token), key)) above += 1;
    }
    rank += above;
    if (group == (seen.to_int() - 1) / kComparators) {
      decide(d, token, token == 0 || rank < leaf::eight_limit<ApNumbers>(rho_num, seen));
      ++token;
      group = 0;
      rank = 1;
    } else {
      ++group;
    }
    ++cycle;
  }
}

}  // namespace
}  // namespace hls
}  // namespace squat

extern "C" void tclm(const ap_uint<32>* scores, hls::stream<ap_uint<32>>& table, ap_uint<32>* total, ap_uint<32>* cycles,
                     ap_uint<3> rule, ap_uint<8> tokens, ap_uint<16> first_position, ap_uint<11> rho_num, ap_uint<6> layer,
                     ap_uint<32> threshold, ap_uint<32> seed, ap_uint<16> eight_before) {
#pragma HLS interface m_axi port = scores offset = slave bundle = gmem0 depth = 128
#pragma HLS interface axis port = table
#pragma HLS interface m_axi port = total offset = slave bundle = gmem1 depth = 1
#pragma HLS interface m_axi port = cycles offset = slave bundle = gmem1 depth = 1
#pragma HLS interface s_axilite port = scores
#pragma HLS interface s_axilite port = total
#pragma HLS interface s_axilite port = cycles
#pragma HLS interface s_axilite port = rule
#pragma HLS interface s_axilite port = tokens
#pragma HLS interface s_axilite port = first_position
#pragma HLS interface s_axilite port = rho_num
#pragma HLS interface s_axilite port = layer
#pragma HLS interface s_axilite port = threshold
#pragma HLS interface s_axilite port = seed
#pragma HLS interface s_axilite port = eight_before
#pragma HLS interface s_axilite port = return
  namespace sq = squat::hls;
  using sq::ApNumbers;
  const sq::WidthRule which = static_cast<sq::WidthRule>(rule.to_int());
  const bool uniform = which == sq::WidthRule::kAll8 || which == sq::WidthRule::kAll4;
  const bool ranked = !uniform && which != sq::WidthRule::kBudget && first_position == 0;
  const bool reversed = which == sq::WidthRule::kReversed, random = which == sq::WidthRule::kRandom;
  const ap_uint<32> base = sq::leaf::random_base<ApNumbers>(seed, ap_uint<32>(layer));

  ap_uint<32> keys[sq::kKeyGroups][sq::kComparators];
#pragma HLS array_partition variable = keys complete dim = 2
  sq::Decisions decisions;
  decisions.count = 0;
  int cycle = 0;

load_scores:
  for (int i = 0; i < sq::kMaxChunk; ++i) {
#pragma HLS pipeline II = 1
    if (i >= tokens) break;
    const ap_uint<32> score = scores[i];
    const ap_uint<17> position = ap_uint<17>(first_position + i);
    const ap_uint<32> hash = sq::leaf::random_key<ApNumbers>(base, ap_uint<32>(position));
    keys[i / sq::kComparators][i % sq::kComparators] = sq::leaf::ranking_key<ApNumbers>(reversed, random, score, hash);
    if (!ranked) {
      const bool want = sq::leaf::wants_eight<ApNumbers>(reversed, random, score, hash, position, threshold, rho_num);
      const bool within = sq::leaf::within_budget<ApNumbers>(want, sq::leaf::budget_target<ApNumbers>(rho_num, position),
                                                             ap_uint<17>(eight_before + decisions.count));
      sq::decide(decisions, i, uniform ? which == sq::WidthRule::kAll8 : position == 0 || within);
    }
    if (!uniform) ++cycle;
  }

  if (ranked) sq::rank_tokens(keys, tokens, which == sq::WidthRule::kPrefix, rho_num, decisions, cycle);

  ap_uint<8> next8 = 0;
  ap_uint<8> next4 = ap_uint<8>((decisions.count + (sq::kSlotGroup - 1)) & ~(sq::kSlotGroup - 1));
  ap_uint<32> word = 0;
  word.range(15, 8) = tokens;
  word.range(7, 0) = decisions.count;
  table.write(word);
write_table:
  for (int i = 0; i < sq::kMaxChunk; ++i) {
#pragma HLS pipeline II = 1
    if (i >= tokens) break;
    const bool eight = decisions.eight[i];
    word = 0;
    word.range(7, 0) = ap_uint<8>(i);
    word.range(15, 8) = eight ? next8 : next4;
    word[16] = eight ? 1 : 0;
    table.write(word);
    if (eight) {
      next8 += 1;
    } else {
      next4 += 1;
    }
    ++cycle;
  }
  *total = ap_uint<32>(eight_before + decisions.count);
  *cycles = ap_uint<32>(cycle);
}
