// SPDX-License-Identifier: Apache-2.0
// squat_post between models of everything around it: accumulators, vector and activation memory, RoPE buffer, width tables,
// logits port. Data outside its one promised cycle is random, refusals are random, and a freed accumulator bank is overwritten.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <unordered_map>
#include <vector>

#include "Vsquat_post.h"
#include "hw/gen/squat_spec.hpp"
#include "tests/catch.hpp"

namespace squat::test {

using Word = std::array<std::uint32_t, 16>;

/// Sums of one pass: [pair][row][channel of the tiles].
using Sums = std::array<std::array<std::array<std::int32_t, 4 * 32>, 16>, 2>;

struct Job {
  int tile = 0, count = 1, group = 0;
  bool pair = false, last = false;
  Sums sums{};
};

/// One width table as TCLM would have written it.
struct WidthTable {
  int tokens = 0, eight = 0;
  std::array<int, 128> slot{};
  std::array<bool, 128> is8{};
  std::array<int, 256> token{};
  int first4() const { return (eight + 15) / 16 * 16; }
};

inline WidthTable make_table(const std::vector<bool>& is8) {
  WidthTable t;
  t.tokens = static_cast<int>(is8.size());
  t.token.fill(-1);
  for (const bool b : is8) t.eight += b ? 1 : 0;
  int next8 = 0, next4 = t.first4();
  for (std::size_t i = 0; i < is8.size(); ++i) {
    t.is8[i] = is8[i];
    t.slot[i] = is8[i] ? next8++ : next4++;
    t.token[static_cast<std::size_t>(t.slot[i])] = static_cast<int>(i);
  }
  return t;
}

class PostBench {
 public:
  static constexpr std::size_t kAsramDepth = 32768;

  PostBench(std::uint32_t seed, double refuse, double job_gap)
      : rng(seed), refuse_(refuse), job_gap_(job_gap), vsram(16384), asram(2 * 16 * kAsramDepth, 0), rope(1024), bias(1024) {
    for (auto& word : bias) {
      const auto shift = 7 + rng() % 12;
      for (auto& v : word) v = static_cast<std::int32_t>(rng()) >> shift;
    }
    for (auto& word : vsram) word = random_word();
    for (auto& word : rope) {
      for (auto& v : word) v = static_cast<std::int16_t>(static_cast<int>(rng() % 32769) - 16384);
    }
    dut_->clk_i = 0;
    dut_->rst_ni = 0;
    dut_->job_valid_i = 0;
    for (int i = 0; i < 8; ++i) {
      dut_->clk_i = !dut_->clk_i;
      dut_->eval();
    }
    dut_->rst_ni = 1;
  }

  std::uint8_t& code(std::uint32_t half, std::uint32_t bank, std::uint32_t addr) {
    return asram[(half * 16 + bank % 16) * kAsramDepth + addr % kAsramDepth];
  }

  /// Runs one command to its done pulse; returns the cycles from the first to the last accumulator read.
  int run(const spec::Record& command, const std::vector<Job>& jobs) {
    std::size_t next = 0, frees = 0;
    int first_read = -1, last_read = -1;
    bool done = false;
    for (int idle = 0; !done || idle < 4; idle = done ? idle + 1 : 0) {
      REQUIRE(cycle_ - start_ < 200000);
      // The next pass is ready once its bank has been freed, and stays offered until it is taken.
      if (!offered_ && next < jobs.size() && frees + 2 > next && !chance(job_gap_)) {
        offered_ = true;
        bank_[next % 2] = jobs[next].sums;
      }
      const Job& job = jobs[next < jobs.size() ? next : 0];
      dut_->job_valid_i = offered_;
      dut_->job_bank_i = next % 2;
      dut_->job_tile_i = static_cast<std::uint16_t>(job.tile);
      dut_->job_wide_i = static_cast<std::uint8_t>(job.count - 1) & 3U;
      dut_->job_group_i = static_cast<std::uint8_t>(job.group);
      dut_->job_pair_i = job.pair;
      dut_->job_last_i = job.last;
      for (std::size_t i = 0; i < 16; ++i) dut_->job_cmd_i[i] = offered_ ? command[i] : static_cast<std::uint32_t>(rng());
      const bool taken = half_cycle_before_edge() && offered_;
      if (dut_->acc_rd_en_o != 0) {
        if (first_read < 0) first_read = cycle_;
        last_read = cycle_;
      }
      if (dut_->bank_free_o != 0) {
        REQUIRE(dut_->bank_free_o == (frees % 2 == 0 ? 1 : 2));
        for (auto& pair : bank_[frees % 2]) {
          for (auto& row : pair) row.fill(static_cast<std::int32_t>(rng()));
        }
        ++frees;
      }
      if (dut_->done_o != 0) {
        REQUIRE_FALSE(done);
        REQUIRE((next == jobs.size() && frees == jobs.size()));
        done = true;
        writes_at_done_ = writes_;
      }
      edge();
      if (taken) {
        offered_ = false;
        ++next;
      }
    }
    REQUIRE(writes_ == writes_at_done_);
    start_ = cycle_;
    return last_read - first_read + 1;
  }

  std::mt19937 rng;

 private:
  double refuse_, job_gap_;

 public:
  std::vector<Word> vsram;
  std::vector<std::uint8_t> asram;
  std::vector<std::array<std::int16_t, 16>> rope;  ///< cos, sin of 8 pairs
  std::vector<std::array<std::int32_t, 16>> bias;  ///< (1024), below 2^25
  std::array<WidthTable, 2> tables;
  std::unordered_map<std::uint32_t, Word> logits;  ///< by address

 private:
  Word random_word() {
    Word w;
    for (auto& lane : w) lane = static_cast<std::uint32_t>(rng());
    return w;
  }
  bool chance(double p) { return p > 0 && std::bernoulli_distribution(p)(rng); }

  template <typename Port>
  static void drive(Port& port, const Word& w) {
    for (std::size_t i = 0; i < 16; ++i) port[i] = w[i];
  }

  void drive_bias(const std::array<std::int32_t, 16>& word) {
    for (unsigned b = 0; b < 16 * 27; ++b) {
      const std::uint32_t bit = (static_cast<std::uint32_t>(word[b / 27]) >> (b % 27)) & 1U;
      dut_->bias_data_i[b / 32] = (dut_->bias_data_i[b / 32] & ~(1U << (b % 32))) | bit << (b % 32);
    }
  }

  /// Inputs of this cycle and everything combinational; returns job_ready_o.
  bool half_cycle_before_edge() {
    drive(dut_->acc_data_i, acc_next_ ? acc_word_ : random_word());
    dut_->vs_rd_rvalid_i = !vs_reads_.empty() && vs_reads_.front().first == cycle_;
    drive(dut_->vs_rd_data_i, dut_->vs_rd_rvalid_i != 0 ? vs_reads_.front().second : random_word());
    if (dut_->vs_rd_rvalid_i != 0) vs_reads_.pop_front();
    for (std::size_t i = 0; i < 8; ++i) dut_->rope_data_i[i] = static_cast<std::uint32_t>(rng());
    if (!rope_reads_.empty() && rope_reads_.front().first == cycle_) {
      const auto& word = rope[rope_reads_.front().second];
      for (std::size_t i = 0; i < 8; ++i) {
        dut_->rope_data_i[i] = static_cast<std::uint16_t>(word[2 * i]) | static_cast<std::uint32_t>(word[2 * i + 1]) << 16;
      }
      rope_reads_.pop_front();
    }
    if (bias_read_ >= 0) drive_bias(bias[static_cast<std::size_t>(bias_read_)]);
    dut_->vs_rd_ready_i = !chance(refuse_);
    dut_->vs_wr_ready_i = !chance(refuse_);
    dut_->as_wr_ready_i = !chance(refuse_);
    dut_->lg_ready_i = !chance(refuse_);
    dut_->eval();
    const WidthTable& in = tables[dut_->s_table_o];
    const int token = in.token[dut_->s_slot_o];
    dut_->s_valid_i = token >= 0;
    dut_->s_token_i = static_cast<std::uint8_t>(token >= 0 ? token : static_cast<int>(rng() % 128));
    dut_->q_slot_i = static_cast<std::uint8_t>(tables[dut_->q_table_o].slot[dut_->q_token_o]);
    dut_->q_eight_i = tables[dut_->q_table_o].is8[dut_->q_token_o];
    dut_->eval();
    // A request that was refused stays as it was.
    const Payload now = payload();
    if (refused_) REQUIRE((now == refused_payload_));
    refused_ = (dut_->vs_wr_valid_o != 0 && dut_->vs_wr_ready_i == 0) ||
               (dut_->as_wr_valid_o != 0 && dut_->as_wr_ready_i == 0) || (dut_->lg_valid_o != 0 && dut_->lg_ready_i == 0);
    refused_payload_ = now;
    if (read_refused_) REQUIRE((dut_->vs_rd_valid_o != 0 && dut_->vs_rd_addr_o == refused_read_));
    read_refused_ = dut_->vs_rd_valid_o != 0 && dut_->vs_rd_ready_i == 0;
    refused_read_ = dut_->vs_rd_addr_o;
    return dut_->job_ready_o != 0;
  }

  /// Everything on the write ports; only one of them is valid at a time.
  struct Payload {
    std::array<std::uint32_t, 8> scalars;
    Word data;
    bool operator==(const Payload& other) const { return scalars == other.scalars && data == other.data; }
  };
  Payload payload() const {
    REQUIRE(dut_->vs_wr_valid_o + dut_->as_wr_valid_o + dut_->lg_valid_o <= 1);
    Payload p{{dut_->vs_wr_valid_o, dut_->as_wr_valid_o, dut_->lg_valid_o, dut_->vs_wr_addr_o, dut_->as_wr_addr_o,
               static_cast<std::uint32_t>(dut_->as_wr_half_o << 4 | dut_->as_wr_rot_o), dut_->as_wr_mask_o, dut_->lg_addr_o},
              {}};
    for (std::size_t i = 0; i < 16; ++i) p.data[i] = dut_->lg_valid_o != 0 ? dut_->lg_data_o[i] : dut_->vs_wr_data_o[i];
    for (std::size_t i = 0; i < 4; ++i) p.data[i] = dut_->as_wr_valid_o != 0 ? dut_->as_wr_data_o[i] : p.data[i];
    return p;
  }

  void edge() {
    if (dut_->bias_en_o != 0) bias_read_ = dut_->bias_addr_o;
    acc_next_ = dut_->acc_rd_en_o != 0;
    if (acc_next_) {
      const auto& row = bank_[dut_->acc_rd_bank_o][dut_->acc_rd_pair_o][dut_->acc_rd_row_o];
      for (std::size_t i = 0; i < 16; ++i)
        acc_word_[i] = static_cast<std::uint32_t>(row[32U * dut_->acc_rd_block_o + 16U * dut_->acc_rd_half_o + i]);
    }
    if (dut_->vs_rd_valid_o != 0 && dut_->vs_rd_ready_i != 0) vs_reads_.emplace_back(cycle_ + 2, vsram[dut_->vs_rd_addr_o]);
    if (dut_->rope_en_o != 0) rope_reads_.emplace_back(cycle_ + 2, dut_->rope_addr_o);
    if (dut_->vs_wr_valid_o != 0 && dut_->vs_wr_ready_i != 0) {
      for (std::size_t i = 0; i < 16; ++i) vsram[dut_->vs_wr_addr_o][i] = dut_->vs_wr_data_o[i];
      ++writes_;
    }
    if (dut_->as_wr_valid_o != 0 && dut_->as_wr_ready_i != 0) {
      for (std::uint32_t i = 0; i < 16; ++i) {
        if (((dut_->as_wr_mask_o >> i) & 1) == 0) continue;
        code(dut_->as_wr_half_o, dut_->as_wr_rot_o + i, dut_->as_wr_addr_o + i) =
            static_cast<std::uint8_t>(dut_->as_wr_data_o[i / 4] >> (8 * (i % 4)));
      }
      ++writes_;
    }
    if (dut_->lg_valid_o != 0 && dut_->lg_ready_i != 0) {
      Word w;
      for (std::size_t i = 0; i < 16; ++i) w[i] = dut_->lg_data_o[i];
      REQUIRE(logits.emplace(dut_->lg_addr_o, w).second);
      ++writes_;
    }
    dut_->clk_i = 1;
    dut_->eval();
    dut_->clk_i = 0;
    dut_->eval();
    ++cycle_;
  }

  std::unique_ptr<Vsquat_post> dut_ = std::make_unique<Vsquat_post>();
  std::array<Sums, 2> bank_{};
  bool offered_ = false, acc_next_ = false;
  int bias_read_ = -1;  ///< word the bias port shows; held until another is asked for
  Word acc_word_{};
  std::deque<std::pair<int, Word>> vs_reads_;
  std::deque<std::pair<int, std::uint32_t>> rope_reads_;
  bool refused_ = false, read_refused_ = false;
  Payload refused_payload_{};
  std::uint32_t refused_read_ = 0;
  int cycle_ = 0, start_ = 0, writes_ = 0, writes_at_done_ = 0;
};

}  // namespace squat::test
