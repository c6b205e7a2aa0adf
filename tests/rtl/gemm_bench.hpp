// SPDX-License-Identifier: Apache-2.0
// Drives the matrix unit with commands, memory and post, and checks every accumulator that post reads against plain 64-bit
// loops over the document's addressing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "Vsquat_gemm.h"
#include "tests/catch.hpp"
#include "tests/rtl/gemm_axi_memory.hpp"
#include "tests/rtl/gemm_command.hpp"

namespace squat::test {

struct GemmBench {
  Vsquat_gemm top;
  AxiMemory memory;
  std::mt19937 random;
  std::vector<std::uint8_t> codes = std::vector<std::uint8_t>(2 * 16 * kDepth);
  std::vector<Gemm> commands;
  std::deque<Job> jobs;  ///< expected, in order
  double command_stall = 0.0, job_stall = 0.0, read_stall = 0.0;
  std::size_t next_load = 0, next_gemm = 0, loads_done = 0;
  std::uint64_t cycles = 0, steps = 0, expected_steps = 0, first_step = 0, last_step = 0, weight_stalls = 0, drain_stalls = 0;
  int load_error = -1, gemm_error = -1;

  explicit GemmBench(std::uint32_t seed) : memory(seed + 1, 16 * kBeatWords), random(seed) {
    memory.bytes.resize(16 * 3 * kUnits);
    for (auto& b : memory.bytes) {
      b = static_cast<std::uint8_t>(draw(0, 255));
      if (b == 0x80) b = 0x81;  // 8-bit weights are -127..127
    }
    for (auto& c : codes) c = static_cast<std::uint8_t>(draw(0, 255));
    for (unsigned p = 0; p < 4; ++p) {
      const std::uint64_t base = memory.base + 16 * 64 * p;
      std::memcpy(&top.w_base_i[2 * p], &base, 8);
    }
    top.kv_base_i = memory.base + 16 * (kUnits + 256);
    top.weights_units_i = top.kv_units_i = kUnits;
    top.load_cmd_valid_i = top.gemm_cmd_valid_i = top.job_ready_i = top.acc_rd_en_i = top.bank_free_i = 0;
    top.rst_ni = 0;
    for (int i = 0; i < 3; ++i) cycle();
    top.rst_ni = 1;
  }
  ~GemmBench() { top.final(); }

  bool chance(double p) { return p > 0.0 && std::uniform_real_distribution<double>(0.0, 1.0)(random) < p; }
  std::uint32_t draw(std::uint32_t lo, std::uint32_t hi) { return lo + static_cast<std::uint32_t>(random()) % (hi - lo + 1); }

  // Oracle.
  std::uint8_t& code(const Gemm& g, std::uint32_t slot, std::uint32_t column) {
    return codes[((slot / 16 % 2) * 16 + (slot + column) % 16) * kDepth + g.base + slot / 32 * g.stride + column];
  }
  int weight(const Gemm& g, std::uint32_t tile, std::uint32_t column, std::uint32_t channel) const {
    const std::uint32_t bank = column / g.ks(), at = column % g.ks();
    const std::uint64_t word =
        std::uint64_t{g.offset} + bank * g.bank_stride + tile * g.tile_stride + (g.mode == 0 ? at : 2 * at + channel / 16);
    const std::uint32_t port = (bank + tile % (g.load_wide() + 1)) % 4;
    const std::uint8_t* p = memory.bytes.data() + 16 * (word + (g.kv ? kUnits + 256 : 64 * port));
    if (g.mode != 0) return static_cast<std::int8_t>(p[channel % 16]);
    const int nibble = (p[channel / 2] >> (4 * (channel % 2))) & 15;
    return nibble < 8 ? nibble : nibble - 16;
  }
  int activation(const Gemm& g, std::uint32_t token, std::uint32_t slot, std::uint32_t column) {
    const std::uint8_t c = code(g, slot, column);
    if (g.mode == 2) return c;
    return g.four_bit(token) ? static_cast<std::int8_t>(c) / 8 : static_cast<std::int8_t>(c);
  }

  /// Sums of one token over columns first .. first+count-1, with the code of column k in (slot, k - shift).
  void sums(const Gemm& g, std::uint32_t tile, std::uint32_t token, std::uint32_t slot, std::uint32_t first,
            std::uint32_t count, std::uint32_t shift, std::int64_t* out) {
    std::fill(out, out + 32, 0);
    for (std::uint32_t k = first; k < first + count; ++k) {
      const int a = activation(g, token, slot, k - shift);
      for (std::uint32_t c = 0; c < 32; ++c) out[c] += std::int64_t{a} * weight(g, tile, k, c);
    }
  }

  void add(Gemm g) {
    const std::size_t index = commands.size();
    // Codes of the slots in use: 4-bit ones are multiples of 8.
    for (std::uint32_t t = 0; t < g.tokens; ++t) {
      for (std::uint32_t k = 0; k < g.k; ++k) {
        std::uint8_t& c = g.banded ? code(g, 4 * (k / g.ks()) + t, k % g.ks()) : code(g, g.slot(t), k);
        const std::uint32_t v = static_cast<std::uint32_t>(random());
        c = static_cast<std::uint8_t>(v % 8 == 0 ? (g.mode == 2 ? 255 : 128) : v >> 8);
        if (g.four_bit(t)) c = static_cast<std::uint8_t>((static_cast<int>(v >> 8) % 16 - 8) * 8);
      }
    }
    const std::uint32_t groups = g.banded ? 1 : (g.slots() + 15) / 16;
    for (std::uint32_t tile = 0; tile < g.tiles; tile += g.wide + 1) {
      for (std::uint32_t group = 0; group < groups;) {
        const bool pair = g.split() && g.mode == 0 && 16 * group >= g.first4();
        const std::uint32_t last_token = std::min(16 * group + 15, g.tokens - 1);
        Job next{index, tile, g.together(tile), group, pair, false, g.banded ? g.ks() : g.k};
        if (g.causal == 2 && !g.banded) next.steps = std::min(g.k, round_up(g.first_position + last_token + 1, 8));
        group += pair ? 2 : 1;
        next.last = group >= groups && tile + next.count == g.tiles;
        if (g.causal == 1 && !g.banded) {
          const std::uint32_t seen = (g.first_position + last_token) / 32 + 1;
          if (seen <= tile) continue;
          next.count = std::min(next.count, seen - tile);
        }
        jobs.push_back(next);
        expected_steps += next.steps;
      }
    }
    commands.push_back(g);
  }

  // Driving.
  void drive_commands() {
    if (!top.load_cmd_valid_i && next_load < commands.size() && !chance(command_stall)) {
      const Gemm& g = commands[next_load];
      for (int i = 0; i < 16; ++i) top.load_cmd_i[i] = static_cast<std::uint32_t>(random());
      set_field(top.load_cmd_i, spec::kLoadBase, g.kv ? 1 : 0);
      set_field(top.load_cmd_i, spec::kLoadOffset, g.offset);
      set_field(top.load_cmd_i, spec::kLoadBankStride, g.bank_stride);
      set_field(top.load_cmd_i, spec::kLoadTileStride, g.tile_stride);
      set_field(top.load_cmd_i, spec::kLoadWords, g.words());
      set_field(top.load_cmd_i, spec::kLoadTiles, g.tiles);
      set_field(top.load_cmd_i, spec::kLoadChecked, 0);
      set_field(top.load_cmd_i, spec::kLoadWide, g.load_wide());
      top.load_cmd_valid_i = 1;
    }
    if (!top.gemm_cmd_valid_i && next_gemm < commands.size() && !chance(command_stall)) {
      const Gemm& g = commands[next_gemm];
      for (int i = 0; i < 16; ++i) top.gemm_cmd_i[i] = static_cast<std::uint32_t>(random());
      set_field(top.gemm_cmd_i, spec::kGemmGrouped, g.grouped);
      set_field(top.gemm_cmd_i, spec::kGemmBanded, g.banded);
      set_field(top.gemm_cmd_i, spec::kGemmInTable, g.table);
      set_field(top.gemm_cmd_i, spec::kGemmCausal, g.causal);
      set_field(top.gemm_cmd_i, spec::kGemmMode, g.mode);
      set_field(top.gemm_cmd_i, spec::kGemmTokens, g.tokens);
      set_field(top.gemm_cmd_i, spec::kGemmFirstPosition, g.first_position);
      set_field(top.gemm_cmd_i, spec::kGemmK, g.field_k ? g.field_k : g.k);
      set_field(top.gemm_cmd_i, spec::kGemmKs, g.field_ks ? g.field_ks : g.ks());
      set_field(top.gemm_cmd_i, spec::kGemmTiles, g.tiles);
      set_field(top.gemm_cmd_i, spec::kGemmWide, g.wide);
      set_field(top.gemm_cmd_i, spec::kGemmABase, g.base);
      set_field(top.gemm_cmd_i, spec::kGemmAStride, g.stride);
      const PostFields post = g.post ? *g.post : random_post(g.tiles);
      set_field(top.gemm_cmd_i, spec::kGemmPost, post.operation);
      set_field(top.gemm_cmd_i, spec::kGemmLog2HeadDim, post.log2_head_dim);
      set_field(top.gemm_cmd_i, spec::kGemmFrac, post.frac);
      set_field(top.gemm_cmd_i, spec::kGemmS0, post.s0);
      set_field(top.gemm_cmd_i, spec::kGemmS1, post.s1);
      set_field(top.gemm_cmd_i, spec::kGemmS2, post.s2);
      set_field(top.gemm_cmd_i, spec::kGemmBias, post.bias);
      set_field(top.gemm_cmd_i, spec::kGemmBiasBase, post.bias_base);
      set_field(top.gemm_cmd_i, spec::kGemmDst, next_gemm);  // to recognise it at post
      top.gemm_cmd_valid_i = 1;
      const std::uint32_t other = draw(0, 255);
      top.n8_i = static_cast<std::uint16_t>(g.table ? g.n8 << 8 | other : other << 8 | g.n8);
      top.tokens_i = static_cast<std::uint16_t>(g.table ? g.tokens << 8 | other : other << 8 | g.tokens);
    }
  }

  /// Legal fields; what an operation does not use may be anything.
  PostFields random_post(std::uint32_t tiles) {
    PostFields p;
    p.operation = draw(0, 6);
    const bool of_14 = p.operation == spec::kPostGated || p.operation == spec::kPostGelu;
    const bool scaled = p.operation != spec::kPostRaw && p.operation != spec::kPostLogits;
    p.log2_head_dim = p.operation == spec::kPostRope ? draw(5, 7) : draw(0, 7);
    p.frac = of_14 ? draw(6, 9) : draw(0, 15);
    p.s0 = draw(0, scaled ? 46 : 63);
    p.s1 = draw(0, p.operation == spec::kPostGated ? 46 : 63);
    p.s2 = draw(0, of_14 ? 46 : 63);
    p.bias = 2 * tiles <= spec::kSimBiasDepth ? draw(0, 1) : 0;
    p.bias_base = p.bias != 0 ? draw(0, spec::kSimBiasDepth - 2 * tiles) : draw(0, 1023);
    return p;
  }

  // Post: takes a job, reads the rows of its tokens, frees the bank.
  struct Read {
    std::uint32_t block, row, half, pair;
    std::int32_t want[16];
  };
  bool have_job = false;
  Job job{};
  std::deque<Read> reads;
  std::uint32_t job_bank = 0, free_delay = 0;

  void take_job() {
    REQUIRE(!jobs.empty());
    job = jobs.front();
    jobs.pop_front();
    have_job = true;
    free_delay = draw(0, 3);
    job_bank = top.job_bank_o;
    INFO("command " << job.command << " tile " << job.tile << " group " << job.group);
    REQUIRE(top.job_cmd_o[spec::kGemmDst.word] == job.command);
    REQUIRE(top.job_tile_o == job.tile);
    REQUIRE(top.job_wide_o + 1U == job.count);
    REQUIRE(top.job_group_o == job.group);
    REQUIRE((top.job_pair_o != 0) == job.pair);
    REQUIRE((top.job_last_o != 0) == job.last);
    const Gemm& g = commands[job.command];
    std::int64_t sum[32];
    for (std::uint32_t token = 0; token < g.tokens; ++token) {
      const std::uint32_t slot = g.slot(token);
      if (!g.banded && slot / 16 != job.group && !(job.pair && slot / 16 == job.group + 1)) continue;
      for (std::uint32_t band = 0; band < (g.banded ? 4U : 1U); ++band) {
        for (std::uint32_t block = 0; block < job.count; ++block) {
          if (g.banded)
            sums(g, job.tile + block, token, 4 * band + token, band * g.ks(), g.ks(), band * g.ks(), sum);
          else
            sums(g, job.tile + block, token, slot, 0, job.steps, 0, sum);
          for (std::uint32_t half = 0; half < 2; ++half) {
            Read r{block, g.banded ? 4 * band + token : slot % 16, half, !g.banded && slot / 16 != job.group, {}};
            for (std::uint32_t c = 0; c < 16; ++c) r.want[c] = static_cast<std::int32_t>(sum[16 * half + c]);
            reads.push_back(r);
          }
        }
      }
    }
  }

  void cycle() {
    memory.drive(top);
    // Activation memory: this cycle's address answers two cycles later.
    top.bank_free_i = 0;
    top.acc_rd_en_i = 0;
    top.job_ready_i = 0;
    if (top.rst_ni) {
      drive_commands();
      if (!have_job) {
        top.job_ready_i = !chance(job_stall);
      } else if (!reads.empty()) {
        if (!chance(read_stall)) {
          top.acc_rd_en_i = 1;
          top.acc_rd_bank_i = job_bank & 1U;
          top.acc_rd_block_i = reads.front().block & 3U;
          top.acc_rd_row_i = reads.front().row & 15U;
          top.acc_rd_half_i = reads.front().half & 1U;
          top.acc_rd_pair_i = reads.front().pair & 1U;
        }
      } else if (free_delay == 0) {
        top.bank_free_i = (1U << job_bank) & 3U;
        have_job = false;
      } else {
        --free_delay;
      }
    }
    top.clk_i = 0;
    top.eval();
    memory.observe(top);
    const bool load_taken = top.load_cmd_valid_i && top.load_cmd_ready_o,
               gemm_taken = top.gemm_cmd_valid_i && top.gemm_cmd_ready_o;
    if (top.rst_ni) {
      if (top.job_valid_o && top.job_ready_i) take_job();
      if (top.load_done_o) ++loads_done;
      if (top.load_err_valid_o) load_error = top.load_err_code_o;
      if (top.gemm_err_valid_o) gemm_error = top.gemm_err_code_o;
      if (top.mac_step_o) {
        if (steps++ == 0) first_step = cycles;
        last_step = cycles;
        REQUIRE(top.ard_en_o);
      }
      weight_stalls += top.weight_stall_o;
      drain_stalls += top.drain_stall_o;
    }
    // Read of activation memory: registered twice, rubbish when not asked for.
    std::uint8_t even[16], odd[16];
    for (unsigned r = 0; r < 16; ++r) {
      const std::uint32_t bank = (top.ard_rot_o + r) % 16;
      even[r] = top.ard_en_o ? codes[bank * kDepth + top.ard_addr_e_o] : static_cast<std::uint8_t>(random());
      odd[r] = top.ard_en_o ? codes[(16 + bank) * kDepth + top.ard_addr_o_o] : static_cast<std::uint8_t>(random());
    }
    const bool reading = top.acc_rd_en_i != 0;
    top.clk_i = 1;
    top.eval();
    ++cycles;
    std::memcpy(&top.ard_e_i, even_q, 16);
    std::memcpy(&top.ard_o_i, odd_q, 16);
    std::memcpy(even_q, even, 16);
    std::memcpy(odd_q, odd, 16);
    if (reading) {
      const Read& r = reads.front();
      for (unsigned c = 0; c < 16; ++c) {
        const auto got = static_cast<std::int32_t>(top.acc_data_o[c]);
        if (got != r.want[c]) {
          INFO("command " << job.command << " tile " << job.tile << " group " << job.group << " block " << r.block << " row "
                          << r.row << " channel " << 16 * r.half + c);
          REQUIRE(got == r.want[c]);
        }
      }
      reads.pop_front();
    }
    if (load_taken) {
      top.load_cmd_valid_i = 0;
      ++next_load;
    }
    if (gemm_taken) {
      top.gemm_cmd_valid_i = 0;
      ++next_gemm;
    }
  }
  std::uint8_t even_q[16] = {}, odd_q[16] = {};

  void run() {
    std::uint64_t idle = 0;
    while (!jobs.empty() || have_job || loads_done < commands.size()) {
      const std::uint64_t before = steps + jobs.size() + reads.size() + memory.beats[0];
      cycle();
      REQUIRE(load_error == -1);
      REQUIRE(gemm_error == -1);
      idle = before == steps + jobs.size() + reads.size() + memory.beats[0] ? idle + 1 : 0;
      REQUIRE(idle < 20000);
    }
    for (int i = 0; i < 20; ++i) cycle();
    REQUIRE(steps == expected_steps);
    REQUIRE(memory.idle());
  }

  /// A random command whose activation region starts at *base, which moves on; false when it does not fit.
  bool random_command(std::uint32_t& base, Gemm& g) {
    g = Gemm{};
    g.mode = draw(0, 2);
    g.banded = draw(0, 3) == 0;
    g.grouped = draw(0, 2) != 0;
    g.tokens = g.banded ? draw(1, 4) : draw(0, 3) ? draw(1, 128) : draw(1, 20);
    g.n8 = draw(0, 3) == 0 ? g.tokens : draw(0, g.tokens);
    if (draw(0, 5) == 0) g.n8 = 0;
    g.table = draw(0, 1);
    g.k = g.banded ? 64 * draw(1, 6) : draw(0, 5) ? 8 * draw(1, 30) : 8 * draw(30, 200);
    if (g.mode == 0) g.k = round_up(g.k, 4 * kBeatWords);  // whole beats in every bank
    g.tiles = draw(1, 4 + kBlocks);
    g.wide = std::min({draw(0, g.most() - 1), g.tiles - 1, kRing / g.words() - 1});
    g.first_position = draw(0, 2) ? draw(0, 200) : 0;
    if (!g.grouped) {
      g.causal = draw(0, 2);
      if (g.causal == 1) g.tiles = std::min((g.first_position + g.tokens + 31) / 32, draw(1, 9));
      g.wide = std::min(g.wide, g.tiles - 1);
    }
    g.kv = draw(0, 1);
    const std::uint32_t row = g.banded ? g.ks() : g.k;
    g.stride = row + draw(0, 1) * draw(0, 40);
    g.base = base;
    const std::uint32_t end = base + (g.banded ? 0 : (g.slots() - 1) / 32 * g.stride) + row;
    if (end > kDepth) return false;
    base = base + ((g.banded ? 0 : g.slots() / 32) + 1) * g.stride;
    const bool contiguous = draw(0, 1);
    g.bank_stride = contiguous ? g.words() * g.tiles : g.words() + kBeatWords * draw(0, 300 / kBeatWords);
    g.tile_stride = contiguous ? g.words() : 4 * g.bank_stride;
    const std::uint32_t span = 3 * g.bank_stride + (g.tiles - 1) * g.tile_stride + g.words();
    g.offset = draw(0, kUnits - 256 - span) / kBeatWords * kBeatWords;
    return true;
  }
};

}  // namespace squat::test
