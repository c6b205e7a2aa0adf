// SPDX-License-Identifier: Apache-2.0
// The matrix unit end to end: load and gemm commands of every kind under random stalls of memory and post; every accumulator
// against plain 64-bit loops over the document's addressing, linear layers also against the golden model.
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "Vsquat_gemm.h"
#include "hls/mkmp.hpp"
#include "hw/gen/squat_spec.hpp"
#include "tests/rtl/gemm_axi_memory.hpp"

namespace {

using namespace squat;

constexpr std::uint32_t kDepth = 32768, kRing = spec::kSimRingDepth, kUnits = 1U << 16;

std::uint32_t round_up(std::uint32_t v, std::uint32_t to) { return (v + to - 1) / to * to; }

/// Fields that post-processing uses and the sequencer checks.
struct PostFields {
  std::uint32_t operation = spec::kPostRaw, log2_head_dim = 6, frac = 9, s0 = 1, s1 = 1, s2 = 1, bias = 0, bias_base = 0;
};

struct Gemm {
  bool grouped = false, banded = false;
  std::uint32_t causal = 0, mode = 0, tokens = 1, n8 = 1, table = 0, first_position = 0, k = 8, tiles = 1, base = 0, stride = 8;
  // Weights: words of tile t, bank b from offset + b*bank_stride + t*tile_stride.
  bool kv = false;
  std::uint32_t offset = 0, bank_stride = 0, tile_stride = 0;
  std::uint32_t field_k = 0, field_ks = 0;  // 0: k and k/4
  std::optional<PostFields> post;           // nothing: random legal ones

  std::uint32_t ks() const { return k / 4; }
  std::uint32_t words() const { return mode == 0 ? ks() : 2 * ks(); }
  bool split() const { return grouped && !banded; }
  std::uint32_t first4() const { return round_up(n8, 16); }
  std::uint32_t slots() const { return split() ? (n8 < tokens ? first4() + tokens - n8 : n8) : tokens; }
  std::uint32_t slot(std::uint32_t token) const {
    return split() && token >= n8 ? first4() + token - n8 : token;
  }  // 8-bit tokens first
  bool four_bit(std::uint32_t token) const { return split() && mode == 0 && token >= n8; }
};

struct Job {
  std::size_t command;
  std::uint32_t tile, group;
  bool pair, last;
  std::uint32_t steps;
};

struct Bench {
  Vsquat_gemm top;
  test::AxiMemory memory;
  std::mt19937 random;
  std::vector<std::uint8_t> codes = std::vector<std::uint8_t>(2 * 16 * kDepth);
  std::vector<Gemm> commands;
  std::deque<Job> jobs;  ///< expected, in order
  double command_stall = 0.0, job_stall = 0.0, read_stall = 0.0;
  std::size_t next_load = 0, next_gemm = 0, loads_done = 0;
  std::uint64_t cycles = 0, steps = 0, expected_steps = 0, first_step = 0, last_step = 0, weight_stalls = 0, drain_stalls = 0;
  int load_error = -1, gemm_error = -1;

  explicit Bench(std::uint32_t seed) : memory(seed + 1), random(seed) {
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
  ~Bench() { top.final(); }

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
    const std::uint8_t* p = memory.bytes.data() + 16 * (word + (g.kv ? kUnits + 256 : 64 * bank));
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
    for (std::uint32_t tile = 0; tile < g.tiles; ++tile) {
      for (std::uint32_t group = 0; group < groups;) {
        const bool pair = g.split() && g.mode == 0 && 16 * group >= g.first4();
        const std::uint32_t last_token = std::min(16 * group + 15, g.tokens - 1);
        Job next{index, tile, group, pair, false, g.banded ? g.ks() : g.k};
        if (g.causal == 2 && !g.banded) next.steps = std::min(g.k, round_up(g.first_position + last_token + 1, 8));
        group += pair ? 2 : 1;
        next.last = group >= groups && tile + 1 == g.tiles;
        if (g.causal == 1 && !g.banded && 32 * tile > g.first_position + last_token) continue;
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
      test::set_field(top.load_cmd_i, spec::kLoadBase, g.kv ? 1 : 0);
      test::set_field(top.load_cmd_i, spec::kLoadOffset, g.offset);
      test::set_field(top.load_cmd_i, spec::kLoadBankStride, g.bank_stride);
      test::set_field(top.load_cmd_i, spec::kLoadTileStride, g.tile_stride);
      test::set_field(top.load_cmd_i, spec::kLoadWords, g.words());
      test::set_field(top.load_cmd_i, spec::kLoadTiles, g.tiles);
      top.load_cmd_valid_i = 1;
    }
    if (!top.gemm_cmd_valid_i && next_gemm < commands.size() && !chance(command_stall)) {
      const Gemm& g = commands[next_gemm];
      for (int i = 0; i < 16; ++i) top.gemm_cmd_i[i] = static_cast<std::uint32_t>(random());
      test::set_field(top.gemm_cmd_i, spec::kGemmGrouped, g.grouped);
      test::set_field(top.gemm_cmd_i, spec::kGemmBanded, g.banded);
      test::set_field(top.gemm_cmd_i, spec::kGemmInTable, g.table);
      test::set_field(top.gemm_cmd_i, spec::kGemmCausal, g.causal);
      test::set_field(top.gemm_cmd_i, spec::kGemmMode, g.mode);
      test::set_field(top.gemm_cmd_i, spec::kGemmTokens, g.tokens);
      test::set_field(top.gemm_cmd_i, spec::kGemmFirstPosition, g.first_position);
      test::set_field(top.gemm_cmd_i, spec::kGemmK, g.field_k ? g.field_k : g.k);
      test::set_field(top.gemm_cmd_i, spec::kGemmKs, g.field_ks ? g.field_ks : g.ks());
      test::set_field(top.gemm_cmd_i, spec::kGemmTiles, g.tiles);
      test::set_field(top.gemm_cmd_i, spec::kGemmABase, g.base);
      test::set_field(top.gemm_cmd_i, spec::kGemmAStride, g.stride);
      const PostFields post = g.post ? *g.post : random_post(g.tiles);
      test::set_field(top.gemm_cmd_i, spec::kGemmPost, post.operation);
      test::set_field(top.gemm_cmd_i, spec::kGemmLog2HeadDim, post.log2_head_dim);
      test::set_field(top.gemm_cmd_i, spec::kGemmFrac, post.frac);
      test::set_field(top.gemm_cmd_i, spec::kGemmS0, post.s0);
      test::set_field(top.gemm_cmd_i, spec::kGemmS1, post.s1);
      test::set_field(top.gemm_cmd_i, spec::kGemmS2, post.s2);
      test::set_field(top.gemm_cmd_i, spec::kGemmBias, post.bias);
      test::set_field(top.gemm_cmd_i, spec::kGemmBiasBase, post.bias_base);
      test::set_field(top.gemm_cmd_i, spec::kGemmDst, next_gemm);  // to recognise it at post
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
    std::uint32_t row, half, pair;
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
    REQUIRE(top.job_group_o == job.group);
    REQUIRE((top.job_pair_o != 0) == job.pair);
    REQUIRE((top.job_last_o != 0) == job.last);
    const Gemm& g = commands[job.command];
    std::int64_t sum[32];
    for (std::uint32_t token = 0; token < g.tokens; ++token) {
      const std::uint32_t slot = g.slot(token);
      if (!g.banded && slot / 16 != job.group && !(job.pair && slot / 16 == job.group + 1)) continue;
      for (std::uint32_t band = 0; band < (g.banded ? 4U : 1U); ++band) {
        if (g.banded)
          sums(g, job.tile, token, 4 * band + token, band * g.ks(), g.ks(), band * g.ks(), sum);
        else
          sums(g, job.tile, token, slot, 0, job.steps, 0, sum);
        for (std::uint32_t half = 0; half < 2; ++half) {
          Read r{g.banded ? 4 * band + token : slot % 16, half, !g.banded && slot / 16 != job.group, {}};
          for (std::uint32_t c = 0; c < 16; ++c) r.want[c] = static_cast<std::int32_t>(sum[16 * half + c]);
          reads.push_back(r);
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
          INFO("command " << job.command << " tile " << job.tile << " group " << job.group << " row " << r.row << " channel "
                          << 16 * r.half + c);
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
    g.tiles = draw(1, 4);
    g.first_position = draw(0, 2) ? draw(0, 200) : 0;
    if (!g.grouped) {
      g.causal = draw(0, 2);
      if (g.causal == 1) g.tiles = std::min((g.first_position + g.tokens + 31) / 32, draw(1, 9));
    }
    g.kv = draw(0, 1);
    const std::uint32_t row = g.banded ? g.ks() : g.k;
    g.stride = row + draw(0, 1) * draw(0, 40);
    g.base = base;
    const std::uint32_t end = base + (g.banded ? 0 : (g.slots() - 1) / 32 * g.stride) + row;
    if (end > kDepth) return false;
    base = base + ((g.banded ? 0 : g.slots() / 32) + 1) * g.stride;
    const bool contiguous = draw(0, 1);
    g.bank_stride = contiguous ? g.words() * g.tiles : g.words() + draw(0, 300);
    g.tile_stride = contiguous ? g.words() : 4 * g.bank_stride;
    const std::uint32_t span = 3 * g.bank_stride + (g.tiles - 1) * g.tile_stride + g.words();
    g.offset = draw(0, kUnits - 256 - span);
    return true;
  }
};

}  // namespace

TEST_CASE("gemm: random commands of every kind under random stalls") {
  const double stall = GENERATE(0.0, 0.2, 0.6);
  Bench b(static_cast<std::uint32_t>(10 * stall) + 3);
  b.memory.ar_stall = b.memory.r_stall = stall;
  b.memory.latency = 30;
  b.command_stall = stall;
  b.job_stall = b.read_stall = stall;
  unsigned kinds[3][3] = {};  // mode x (grouped, position order, banded)
  for (int batch = 0; batch < 30; ++batch) {
    std::uint32_t base = b.draw(0, 40);
    Gemm g;
    for (int i = 0; i < 6 && b.random_command(base, g); ++i) {
      b.add(g);
      ++kinds[g.mode][g.banded ? 2 : g.grouped ? 0 : 1];
    }
    b.run();
  }
  for (auto& mode : kinds) {
    for (const unsigned count : mode) CHECK(count > 2);
  }
}

TEST_CASE("gemm: linear layers equal the golden model") {
  const bool four = GENERATE(true, false);
  const std::uint32_t n8 = GENERATE(0U, 5U, 16U, 37U, 60U);
  Bench b(77);
  Gemm g;
  g.grouped = true;
  g.mode = four ? 0 : 1;
  g.tokens = 60;
  g.n8 = n8;
  g.k = g.stride = 256;
  g.tiles = 3;
  g.bank_stride = g.words() * g.tiles;
  g.tile_stride = g.words();
  b.add(g);
  std::vector<std::int8_t> weights(96 * 256), codes(60 * 256);
  std::vector<std::uint8_t> eight(60);
  for (std::uint32_t row = 0; row < 96; ++row) {
    for (std::uint32_t k = 0; k < 256; ++k)
      weights[row * 256 + k] = static_cast<std::int8_t>(b.weight(g, row / 32, k, row % 32));
  }
  for (std::uint32_t t = 0; t < 60; ++t) {
    eight[t] = t < n8;
    for (std::uint32_t k = 0; k < 256; ++k) codes[t * 256 + k] = static_cast<std::int8_t>(b.code(g, g.slot(t), k));
  }
  std::vector<std::int32_t> want(60 * 96);
  hls::mkmp_gemm(weights.data(), 96, 256, four, codes.data(), 60, eight.data(), want.data());
  std::size_t compared = 0;
  while (!b.jobs.empty() || b.have_job) {
    b.cycle();
    // Checked against the loops in cycle(); here the loops against the golden model, with post's shift of 4-bit sums.
    if (b.have_job && compared != b.jobs.size() + 1) {
      compared = b.jobs.size() + 1;
      std::int64_t sum[32];
      for (std::uint32_t t = 0; t < 60; ++t) {
        b.sums(g, b.job.tile, t, g.slot(t), 0, 256, 0, sum);
        for (std::uint32_t c = 0; c < 32; ++c) REQUIRE(want[t * 96 + b.job.tile * 32 + c] == sum[c] * (g.four_bit(t) ? 8 : 1));
      }
    }
    REQUIRE(b.cycles < 100000);
  }
  CHECK(b.load_error == -1);
  CHECK(b.gemm_error == -1);
}

TEST_CASE("gemm: no bubble between passes, tiles and commands") {
  struct Case {
    bool banded;
    std::uint32_t tokens, k, mode;
  };
  const Case c = GENERATE(Case{false, 128, 128, 0}, Case{false, 128, 64, 1}, Case{true, 1, 512, 0}, Case{true, 2, 256, 1});
  Bench b(5);
  std::uint32_t base = 0;
  for (int i = 0; i < 3; ++i) {
    Gemm g;
    g.banded = c.banded;
    g.tokens = g.n8 = c.tokens;
    g.k = c.k;
    g.mode = c.mode;
    g.stride = c.banded ? c.k / 4 : c.k;
    g.base = base;
    base += c.banded ? g.stride : 4 * g.stride;
    g.tiles = 4;
    g.bank_stride = g.words() * g.tiles;
    g.tile_stride = g.words();
    b.add(g);
  }
  // Post takes two more cycles per job than it reads; a banded pass has 8 reads per token.
  b.run();
  CHECK(b.drain_stalls == 0);
  const std::uint64_t span = b.last_step - b.first_step + 1;
  if (!c.banded) CHECK(span == b.steps);
  // Banded passes are as fast as the four ports deliver: one word per port and cycle.
  if (c.banded) CHECK(span < b.steps * (c.mode == 0 ? 1 : 2) + 120);
}

TEST_CASE("gemm: fields out of range") {
  Gemm g;
  g.k = g.stride = 64;
  g.bank_stride = g.tile_stride = 64;
  const int field = GENERATE(range(0, 16));
  switch (field) {
    case 0:
      g.tokens = 0;
      break;
    case 1:
      g.tokens = 129;
      break;
    case 2:
      g.field_k = 72;
      break;
    case 3:
      g.field_k = 8191;
      break;
    case 4:
      g.field_k = 4;
      g.field_ks = 1;
      break;
    case 5:
      g.tiles = 0;
      break;
    case 6:
      g.mode = 3;
      break;
    case 7:
      g.causal = 3;
      break;
    case 8:
      g.banded = true;
      g.tokens = 5;
      break;
    case 9:
      g.banded = true;
      g.k = 96;
      break;
    case 10:
      g.grouped = true;
      g.tokens = 7;
      g.n8 = 8;
      break;
    case 11:
      g.grouped = true;
      g.causal = 1;
      break;
    case 12:
      g.causal = 1;
      g.first_position = 30;
      g.tokens = 2;
      g.tiles = 2;
      break;
    case 13:
      g.base = kDepth - 63;
      break;
    case 14:
      g.base = kDepth - 64 - 8 * 3;
      g.stride = 8;
      g.tokens = 128;
      g.base += 1;
      break;
    default:
      g.mode = 1;
      g.k = 4104;
      g.tokens = 1;
      break;  // 2052 words in a bank of 2048
  }
  Bench b(1);
  b.commands.push_back(g);
  b.next_load = 1;
  for (int i = 0; i < 100; ++i) b.cycle();
  CHECK(b.gemm_error == static_cast<int>(spec::kErrorBadParameter));
  CHECK(b.steps == 0);
  CHECK(b.top.gemm_cmd_ready_o == 0);
}

TEST_CASE("gemm: fields of post-processing out of range") {
  struct Case {
    const char* what;
    std::uint32_t tiles;
    PostFields post;
  };
  const auto with = [](std::uint32_t operation, const auto& change) {
    PostFields p;
    p.operation = operation;
    change(p);
    return p;
  };
  std::vector<Case> cases = {{"operation", 1, with(7, [](PostFields&) {})}};
  for (const std::uint32_t operation :
       {spec::kPostResidual, spec::kPostRope, spec::kPostGated, spec::kPostCode, spec::kPostGelu})
    cases.push_back({"s0", 1, with(operation, [](PostFields& p) { p.s0 = 47; })});
  cases.push_back({"s1", 1, with(spec::kPostGated, [](PostFields& p) { p.s1 = 47; })});
  cases.push_back({"head_dim", 1, with(spec::kPostRope, [](PostFields& p) { p.log2_head_dim = 4; })});
  for (const std::uint32_t operation : {spec::kPostGated, spec::kPostGelu}) {
    cases.push_back({"s2", 1, with(operation, [](PostFields& p) { p.s2 = 47; })});
    cases.push_back({"frac 5", 1, with(operation, [](PostFields& p) { p.frac = 5; })});
    cases.push_back({"frac 10", 1, with(operation, [](PostFields& p) { p.frac = 10; })});
  }
  const auto biased = [](std::uint32_t base) {
    return [base](PostFields& p) {
      p.bias = 1;
      p.bias_base = base;
    };
  };
  cases.push_back({"bias end", 1, with(spec::kPostRaw, biased(spec::kSimBiasDepth - 1))});
  cases.push_back({"bias end", 3, with(spec::kPostRaw, biased(spec::kSimBiasDepth - 5))});
  cases.push_back({"bias of many tiles", 65535, with(spec::kPostLogits, biased(0))});
  for (const Case& c : cases) {
    INFO(c.what << ", operation " << c.post.operation);
    Gemm g;
    g.k = g.stride = 64;
    g.bank_stride = g.tile_stride = 64;
    g.tiles = c.tiles;
    g.post = c.post;
    Bench b(1);
    b.commands.push_back(g);
    b.next_load = 1;
    for (int i = 0; i < 100; ++i) b.cycle();
    CHECK(b.gemm_error == static_cast<int>(spec::kErrorBadParameter));
    CHECK(b.steps == 0);
  }
}
