// SPDX-License-Identifier: Apache-2.0
// The array as one pipelined loop: in every cycle it takes a step, splits one row of each group of eight from the block before,
// and gives 16 finished sums of the pass before. Like hw/rtl/squat_mac_array.sv, cycle for cycle.
#include "hls/kernels/mkmp_array.hpp"

#include "hls/leaves/packing.hpp"

namespace squat {
namespace hls {
namespace {

/// Passes of a tile: one per group of 8-bit slots, then one per pair of groups of 4-bit slots (8-bit weights: per group).
struct Plan {
  int groups8, groups, passes;
};

Plan plan_passes(const SlotTable& table, bool four_bit) {
  Plan plan;
  plan.groups8 = (table.eight.to_int() + kRows - 1) / kRows;
  const int groups4 = (table.tokens.to_int() - table.eight.to_int() + kRows - 1) / kRows;
  plan.groups = plan.groups8 + groups4;
  plan.passes = plan.groups8 + (four_bit ? (groups4 + 1) / 2 : groups4);
  if (plan.passes == 0) plan.passes = 1;  // without tokens the weights are still taken
  return plan;
}

/// First group of slots of a pass.
int first_group(const Plan& plan, bool four_bit, int pass) {
  return !four_bit || pass < plan.groups8 ? pass : plan.groups8 + 2 * (pass - plan.groups8);
}

/// Tokens in a group of slots.
int group_tokens_of(const SlotTable& table, const Plan& plan, int group) {
  const int eight = table.eight.to_int();
  const int left =
      group < plan.groups8 ? eight - group * kRows : table.tokens.to_int() - eight - (group - plan.groups8) * kRows;
  return left < 0 ? 0 : left < kRows ? left : kRows;
}

/// The operands of one step.
struct Step {
  ap_int<27> a[kCols];
  ap_int<18> b[kRows];
};

void pack_step(const ap_uint<256>& weights, const ActivationMemory& memory, MkmpMode mode, int group, int k, Step& step) {
#pragma HLS inline
pack_columns:
  for (int c = 0; c < kCols; ++c) {
#pragma HLS unroll
    const ap_int<4> w40 = weights.range(8 * c + 3, 8 * c), w41 = weights.range(8 * c + 7, 8 * c + 4);
    const ap_int<8> w80 = weights.range(16 * c + 7, 16 * c), w81 = weights.range(16 * c + 15, 16 * c + 8);
    step.a[c] = mode == MkmpMode::kW8Signed ? leaf::pack_w8<ApNumbers>(w81, w80) : leaf::pack_w4<ApNumbers>(w41, w40);
  }
  ap_int<8> first[kRows], second[kRows];
#pragma HLS array_partition variable = first complete
#pragma HLS array_partition variable = second complete
read_banks:
  for (int b = 0; b < kRows; ++b) {
#pragma HLS unroll
    const ap_uint<4> row = ap_uint<4>(b - k);
    first[row] = memory.bank[b][group * kMaxCols + k];
    second[row] = memory.bank[b][(group + 1 < kGroups ? group + 1 : group) * kMaxCols + k];
  }
pack_rows:
  for (int r = 0; r < kRows; ++r) {
#pragma HLS unroll
    step.b[r] = mode == MkmpMode::kW4A4 ? leaf::pack_a44<ApNumbers>(ap_int<4>(second[r] >> 3), ap_int<4>(first[r] >> 3))
                                        : ap_int<18>(first[r]);
  }
}

/// A pass whose sums are being split or read.
struct PassState {
  bool busy, pair, eight;
  ap_uint<11> tile;
  ap_uint<8> first_slot, slots;  ///< slots in use
  int ready_at;                  ///< first cycle in which the sums can be read
};

}  // namespace

void multiply(::hls::stream<ap_uint<256>>& weights, const ActivationMemory& memory, const SlotTable& table,
              const GemmShape& shape, ::hls::stream<SumBeat>& sums, ap_uint<32>* cycles) {
  const Plan plan = plan_passes(table, shape.four_bit);
  const int cols = shape.cols.to_int();
  const int steps = (cols + kExtractPeriod - 1) / kExtractPeriod * kExtractPeriod;
  const int total = plan.passes * shape.tiles.to_int();

  ap_uint<256> tile_weights[kMaxCols];  // of the tile under way, for its passes after the first
#pragma HLS bind_storage variable = tile_weights type = ram_s2p impl = uram
  ap_int<48> p[kRows][kCols], copy[kRows][kCols];
#pragma HLS array_partition variable = p complete dim = 0
#pragma HLS array_partition variable = copy complete dim = 0
  // Per bank, group of eight rows, column: sums of {w0, w1} x {first, second activation} of eight rows.
  ap_int<32> acc[2][kRowGroups][kCols][2][2][kExtractPeriod];
#pragma HLS array_partition variable = acc complete dim = 1
#pragma HLS array_partition variable = acc complete dim = 2
#pragma HLS array_partition variable = acc complete dim = 3
#pragma HLS array_partition variable = acc complete dim = 4
#pragma HLS array_partition variable = acc complete dim = 5
#pragma HLS bind_storage variable = acc type = ram_s2p impl = lutram
#pragma HLS dependence variable = acc type = inter direction = RAW distance = 8 true
  PassState state[2] = {};
#pragma HLS array_partition variable = state complete

  int issued = 0, tile = 0, pass = 0, k = 0;  // the next step
  bool bank = false;
  bool split_on = false, split_first = false, split_bank = false;  // the block being split
  int split_row = 0;
  MkmpMode split_mode = MkmpMode::kW4A8;
  int drained = 0, slot = 0;  // the sums being given
  bool drain_bank = false, half = false;
  int cycle = 0;

array_cycles:
  for (cycle = 0; cycle < kMaxTiles * kMaxPasses * kMaxCols; ++cycle) {
#pragma HLS pipeline II = 1
    if (drained == total) break;

    // One row of each group of eight of the block before, split and added.
    const PassState source = state[drain_bank];
    const int drain_row = slot & (kExtractPeriod - 1), drain_group = slot / kExtractPeriod & (kRowGroups - 1);
    ap_int<32> read[kRowGroups][kCols][2][2];
#pragma HLS array_partition variable = read complete dim = 0
  split_groups:
    for (int g = 0; g < kRowGroups; ++g) {
#pragma HLS unroll
    split_columns:
      for (int c = 0; c < kCols; ++c) {
#pragma HLS unroll
        const leaf::Fields<ApNumbers> f =
            leaf::split<ApNumbers>(ap_uint<2>(static_cast<int>(split_mode)), copy[g * kExtractPeriod + split_row][c]);
        const ap_int<32> add[2][2] = {{f.w0a0, f.w1a0}, {f.w0a1, f.w1a1}};
      split_banks:
        for (int b = 0; b < 2; ++b) {
#pragma HLS unroll
          const bool adds = split_on && split_bank == (b != 0);
        split_sums:
          for (int i = 0; i < 4; ++i) {
#pragma HLS unroll
            const ap_int<32> old = acc[b][g][c][i / 2][i % 2][adds ? split_row : drain_row];
            if (adds) {
              acc[b][g][c][i / 2][i % 2][split_row] = ap_int<32>((split_first ? ap_int<32>(0) : old) + add[i / 2][i % 2]);
            } else if (drain_bank == (b != 0)) {
              read[g][c][i / 2][i % 2] = old;
            }
          }
        }
      }
    }
    if (split_on) {
      if (split_row == kExtractPeriod - 1) split_on = false;
      split_row = (split_row + 1) & (kExtractPeriod - 1);
    }

    // A step, unless the bank of its pass is still being read.
    const bool starting = k == 0;
    if (issued < total && !(starting && state[bank].busy)) {
      const int group = first_group(plan, shape.four_bit, pass);
      const MkmpMode mode = !shape.four_bit ? MkmpMode::kW8Signed : pass < plan.groups8 ? MkmpMode::kW4A8 : MkmpMode::kW4A4;
      ap_uint<256> w = 0;
      if (k < cols) {
        if (pass == 0) {
          w = weights.read();
          tile_weights[k] = w;
        } else {
          w = tile_weights[k];
        }
      }
      Step step;
#pragma HLS array_partition variable = step.a complete
#pragma HLS array_partition variable = step.b complete
      pack_step(w, memory, mode, group, k, step);
      const bool block_first = (k & (kExtractPeriod - 1)) == 0, block_last = (k & (kExtractPeriod - 1)) == kExtractPeriod - 1;
    array_rows:
      for (int r = 0; r < kRows; ++r) {
#pragma HLS unroll
      array_columns:
        for (int c = 0; c < kCols; ++c) {
#pragma HLS unroll
          p[r][c] = leaf::multiply_add<ApNumbers>(block_first ? ap_int<48>(0) : p[r][c], step.a[c], step.b[r]);
          if (block_last) copy[r][c] = p[r][c];
        }
      }
      if (starting) {
        const bool pair = mode == MkmpMode::kW4A4;
        state[bank].busy = true;
        state[bank].pair = pair;
        state[bank].eight = group < plan.groups8;
        state[bank].tile = ap_uint<11>(tile);
        state[bank].first_slot = ap_uint<8>(group * kRows);
        state[bank].slots =
            ap_uint<8>(group_tokens_of(table, plan, group) + (pair ? group_tokens_of(table, plan, group + 1) : 0));
        state[bank].ready_at = kMaxTiles * kMaxPasses * kMaxCols;
      }
      if (block_last) {
        split_on = true;
        split_row = 0;
        split_first = k < kExtractPeriod;
        split_bank = bank;
        split_mode = mode;
      }
      ++k;
      if (k == steps) {
        state[bank].ready_at = cycle + kArrayLatency;
        k = 0;
        bank = !bank;
        ++issued;
        ++pass;
        if (pass == plan.passes) {
          pass = 0;
          ++tile;
        }
      }
    }

    // 16 sums of a finished pass, slot by slot, in halves.
    if (source.busy && cycle >= source.ready_at) {
      if (slot < source.slots) {
        const bool second = slot >= kRows;
        SumBeat beat;
      drain_lanes:
        for (int lane = 0; lane < kLanes; ++lane) {
#pragma HLS unroll
          const ap_int<32> sum = read[drain_group][(half ? kCols / 2 : 0) + lane / 2][second ? 1 : 0][lane % 2];
          beat.lane[lane] = source.pair ? ap_int<32>(sum << 3) : sum;
        }
        beat.token = table.token_of_slot[source.first_slot + slot];
        beat.word = ap_uint<12>(2 * source.tile + (half ? 1 : 0));
        beat.eight = source.eight;
        sums.write(beat);
      }
      if (half || source.slots == 0) ++slot;
      half = !half && source.slots != 0;
      if (slot >= source.slots) {
        state[drain_bank].busy = false;
        drain_bank = !drain_bank;
        slot = 0;
        ++drained;
      }
    }
  }
  *cycles = ap_uint<32>(cycle);
}

}  // namespace hls
}  // namespace squat
