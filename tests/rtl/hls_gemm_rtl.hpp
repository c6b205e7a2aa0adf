// SPDX-License-Identifier: Apache-2.0
// The RTL's array, requantiser and clip count, driven with the streams of the kernel mkmp_gemm.
#pragma once

#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <vector>

#include "Vsquat_clip_count.h"
#include "Vsquat_mac_array.h"
#include "Vsquat_post_requant.h"
#include "tests/hls/kernels/gemm_case.hpp"

namespace squat::test {

/// One run. A pass is issued as soon as the one before has been and its accumulator bank has been read; sums are read one a
/// cycle from the cycle on in which the array says that the pass is done; each read goes through the requantiser.
class GemmRtl {
 public:
  explicit GemmRtl(const GemmCase& c) : case_(c), rubbish_(17) {
    c.write_weights(weights_);
    c.write_table(table_);
    codes_ = c.code_words();
    std::uint32_t counts = static_cast<std::uint32_t>(table_.read());
    tokens_ = counts >> 8;
    eight_ = counts & 255U;
    for (std::uint32_t i = 0; i < tokens_; ++i) {
      const auto word = static_cast<std::uint32_t>(table_.read());
      token_of_slot_[word >> 8 & 255U] = word & 255U;
    }
    plan();
  }
  ~GemmRtl() {
    array_.final();
    requant_.final();
    clip_.final();
  }

  GemmResult run() {
    GemmResult r;
    r.codes.assign(static_cast<std::size_t>(case_.tokens() * case_.channels()), 1 << 20);
    array_.rst_ni = requant_.rst_ni = clip_.rst_ni = 0;
    for (int i = 0; i < 3; ++i) clock();
    array_.rst_ni = requant_.rst_ni = clip_.rst_ni = 1;
    requant_.m_even_i = requant_.m_odd_i = case_.m & 0x1ffffU;
    requant_.s_even_i = requant_.s_odd_i = case_.s & 63U;
    requant_.code_i = 1;
    std::size_t results = 0;
    const std::size_t total = passes_.size() * static_cast<std::size_t>(case_.size.tiles);
    const std::size_t expected = static_cast<std::size_t>(case_.tokens() * 2 * case_.size.tiles);
    for (std::uint32_t cycle = 0; read_passes_ < total || results < expected; ++cycle) {
      if (cycle > 10000000) throw std::runtime_error("the array does not finish");
      drive_step(total);
      const bool reading = drive_read();
      drive_requant();
      drive_clip();
      clock();
      if (array_.pass_done_o) done_.push_back(array_.pass_done_bank_o != 0);
      if (reading) {
        arrived_ = true;
        std::memcpy(arrived_data_, &array_.acc_data_o, sizeof arrived_data_);
      }
      if (read_passes_ == total && r.cycles == 0) r.cycles = cycle + 1;
      if (requant_.valid_o) {
        store(r.codes);
        ++results;
        output_cycles_ = cycle + 1;
      }
    }
    for (int i = 0; i < 2; ++i) {  // two cycles from a beat to the count
      requant_.valid_i = 0;
      drive_clip();
      clock();
    }
    r.clipped = clip_.count_o;
    r.all_read = weights_.empty() && table_.empty();
    return r;
  }

  /// To the last requantised code.
  std::uint32_t output_cycles() const { return output_cycles_; }

 private:
  struct Pass {
    std::uint32_t mode, group, second;  // second group of a pair, or `group`
    std::vector<std::uint32_t> slots;
  };
  struct Place {
    std::uint32_t token, word;
    bool four_shift, eight;
  };

  void plan() {
    const std::uint32_t first4 = (eight_ + 15) / 16 * 16, end4 = first4 + tokens_ - eight_;
    const auto slots = [&](std::uint32_t from, std::uint32_t end) {
      std::vector<std::uint32_t> list;
      for (std::uint32_t s = from; s < end; ++s) list.push_back(s);
      return list;
    };
    for (std::uint32_t s = 0; s < eight_; s += 16)
      passes_.push_back({case_.size.four_bit ? 0U : 2U, s / 16, s / 16, slots(s, std::min(eight_, s + 16))});
    const std::uint32_t wide = case_.size.four_bit ? 32 : 16;
    for (std::uint32_t s = first4; s < end4; s += wide)
      passes_.push_back({case_.size.four_bit ? 1U : 2U, s / 16, (s + wide - 1) / 16, slots(s, std::min(end4, s + wide))});
    if (passes_.empty()) passes_.push_back({0, 0, 0, {}});
  }

  int code(std::uint32_t slot, int k) {
    const auto owner = token_of_slot_.find(slot);
    if (owner == token_of_slot_.end()) return static_cast<int>(rubbish_());
    const ap_uint<128>& word =
        codes_[owner->second * static_cast<std::uint32_t>(case_.token_words()) + static_cast<std::uint32_t>(k) / 16];
    return ap_int<8>(word.range(8 * (k % 16) + 7, 8 * (k % 16))).to_int();
  }

  void drive_step(std::size_t total) {
    array_.step_valid_i = 0;
    if (issued_ == total || (k_ == 0 && busy_[bank_])) return;
    const Pass& p = passes_[pass_];
    const int steps = (case_.size.cols + 7) / 8 * 8;
    ap_uint<256> w = 0;
    if (k_ < case_.size.cols) {
      if (pass_ == 0) tile_weights_.push_back(weights_.read());
      w = tile_weights_[static_cast<std::size_t>(k_)];
    }
    array_.step_valid_i = 1;
    array_.step_first_i = k_ == 0;
    array_.step_last_i = k_ + 1 == steps;
    array_.step_bank_i = bank_;
    array_.step_banded_i = 0;
    array_.step_mode_i = p.mode & 3U;
    auto* bytes = reinterpret_cast<std::uint8_t*>(&array_.w_i);
    for (int i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(w.range(8 * i + 7, 8 * i));
    for (std::uint32_t r = 0; r < 16; ++r) {
      reinterpret_cast<std::uint8_t*>(&array_.act0_i)[r] = static_cast<std::uint8_t>(code(16 * p.group + r, k_));
      reinterpret_cast<std::uint8_t*>(&array_.act1_i)[r] = static_cast<std::uint8_t>(code(16 * p.second + r, k_));
    }
    busy_[bank_] = true;
    if (++k_ < steps) return;
    k_ = 0;
    running_.push_back({pass_, tile_});
    bank_ = !bank_;
    ++issued_;
    if (++pass_ == passes_.size()) {
      pass_ = 0;
      ++tile_;
      tile_weights_.clear();
    }
  }

  /// Returns whether sums were asked for. A pass without slots takes a cycle all the same.
  bool drive_read() {
    array_.acc_rd_en_i = 0;
    if (done_.empty()) return false;
    const auto [pass, tile] = running_.front();
    const Pass& p = passes_[pass];
    const bool reads = !p.slots.empty();
    if (reads) {
      const std::uint32_t slot = p.slots[beat_ / 2], half = beat_ % 2;
      array_.acc_rd_en_i = 1;
      array_.acc_rd_bank_i = done_.front();
      array_.acc_rd_row_i = slot & 15U;
      array_.acc_rd_half_i = half & 1U;
      array_.acc_rd_pair_i = slot / 16 != p.group;
      asked_.push_back({token_of_slot_.at(slot), 2 * tile + half, p.mode == 1, slot < eight_});
    }
    if (++beat_ >= 2 * p.slots.size()) {
      beat_ = 0;
      busy_[done_.front()] = false;
      done_.pop_front();
      running_.pop_front();
      ++read_passes_;
    }
    return reads;
  }

  void drive_requant() {
    requant_.valid_i = arrived_;
    if (!arrived_) return;
    const Place place = asked_.front();
    asked_.pop_front();
    requant_.eight_i = place.eight;
    for (int i = 0; i < 16; ++i) requant_.x_i[i] = arrived_data_[i] << (place.four_shift ? 3 : 0);
    inside_.push_back(place);
    arrived_ = false;
  }

  /// The requantiser's result of the cycle before.
  void drive_clip() {
    clip_.clear_i = 0;
    clip_.valid_i = requant_.valid_o;
    clip_.eight_i = requant_.eight_o;
    for (int i = 0; i < 16; ++i)
      reinterpret_cast<std::uint8_t*>(&clip_.codes_i)[i] = static_cast<std::uint8_t>(requant_.y_o[i]);
  }

  void store(std::vector<int>& codes) {
    const Place place = inside_.front();
    inside_.pop_front();
    for (std::uint32_t i = 0; i < 16; ++i) {
      codes[place.token * static_cast<std::uint32_t>(case_.channels()) + 16 * place.word + i] =
          static_cast<std::int8_t>(requant_.y_o[i] & 255U);
    }
  }

  void clock() {
    for (const int level : {0, 1}) {
      array_.clk_i = requant_.clk_i = clip_.clk_i = level & 1;
      array_.eval();
      requant_.eval();
      clip_.eval();
    }
  }

  const GemmCase& case_;
  std::mt19937 rubbish_;
  Vsquat_mac_array array_;
  Vsquat_post_requant requant_;
  Vsquat_clip_count clip_;
  ::hls::stream<ap_uint<256>> weights_{"weights"};
  ::hls::stream<ap_uint<32>> table_{"table"};
  std::vector<ap_uint<128>> codes_;
  std::uint32_t tokens_ = 0, eight_ = 0;
  std::map<std::uint32_t, std::uint32_t> token_of_slot_;
  std::vector<Pass> passes_;
  std::vector<ap_uint<256>> tile_weights_;
  std::size_t issued_ = 0, pass_ = 0, read_passes_ = 0, beat_ = 0;
  std::uint32_t tile_ = 0, output_cycles_ = 0;
  int k_ = 0;
  bool bank_ = false, busy_[2] = {false, false}, arrived_ = false;
  std::uint32_t arrived_data_[16] = {};
  std::deque<bool> done_;
  std::deque<std::pair<std::size_t, std::uint32_t>> running_;  // pass, tile; in order of issue
  std::deque<Place> asked_, inside_;
};

}  // namespace squat::test
