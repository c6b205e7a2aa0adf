// SPDX-License-Identifier: Apache-2.0
// squat_post against per-channel oracles: every post operation, position, grouped and banded inputs and outputs, mixed widths,
// random refusals. RoPE, SiLU and GELU are the hls twins; everything else is written out here.
#include <algorithm>
#include <string>

#include "hls/gated.hpp"
#include "hls/rope.hpp"
#include "tests/rtl/post_bench.hpp"

namespace squat::test {
namespace {

enum class Input { kPosition, kGrouped, kBanded };

struct Scale {
  std::uint32_t m = 65536, s = 16;
};

/// What a command says, in plain numbers.
struct Plan {
  std::uint32_t post = spec::kPostRaw;
  Input input = Input::kPosition;
  std::uint32_t mode = 0, in_table = 0, out_table = 0;
  int tokens = 1, tiles = 1;
  int wide = 1;  // tiles of a pass, the last may have fewer
  int log2_head_dim = 6, slot_offset = 0, frac = 9;
  Scale r0, r1, r2;
  std::uint32_t o_base = 0, o_stride = 0, o_ks = 0, o_column = 0, dst = 0, dst_stride = 0;
  bool bias = false;
  std::uint32_t bias_base = 0;
};

spec::Record encode(const Plan& p, std::mt19937& rng) {
  spec::Record c{};
  spec::put(c, spec::kCmdOpcode, spec::kOpGemm);
  spec::put(c, spec::kCmdWaitVec, static_cast<std::uint32_t>(rng() % 65536));
  spec::put(c, spec::kGemmGrouped, p.input == Input::kGrouped ? 1 : 0);
  spec::put(c, spec::kGemmBanded, p.input == Input::kBanded ? 1 : 0);
  spec::put(c, spec::kGemmInTable, p.in_table);
  spec::put(c, spec::kGemmOutTable, p.out_table);
  spec::put(c, spec::kGemmMode, p.mode);
  spec::put(c, spec::kGemmPost, p.post);
  spec::put(c, spec::kGemmTokens, static_cast<std::uint32_t>(p.tokens));
  spec::put(c, spec::kGemmFirstPosition, static_cast<std::uint32_t>(rng() % 65536));
  spec::put(c, spec::kGemmTiles, static_cast<std::uint32_t>(p.tiles));
  spec::put(c, spec::kGemmABase, static_cast<std::uint32_t>(rng() % 32768));
  spec::put(c, spec::kGemmSlotOffset, static_cast<std::uint32_t>(p.slot_offset));
  spec::put(c, spec::kGemmLog2HeadDim, static_cast<std::uint32_t>(p.log2_head_dim));
  spec::put(c, spec::kGemmFrac, static_cast<std::uint32_t>(p.frac));
  spec::put(c, spec::kGemmM0, p.r0.m);
  spec::put(c, spec::kGemmS0, p.r0.s);
  spec::put(c, spec::kGemmM1, p.r1.m);
  spec::put(c, spec::kGemmS1, p.r1.s);
  spec::put(c, spec::kGemmM2, p.r2.m);
  spec::put(c, spec::kGemmS2, p.r2.s);
  spec::put(c, spec::kGemmOBase, p.o_base);
  spec::put(c, spec::kGemmOStride, p.o_stride);
  spec::put(c, spec::kGemmOKs, p.o_ks);
  spec::put(c, spec::kGemmOColumn, p.o_column);
  spec::put(c, spec::kGemmBias, p.bias);
  spec::put(c, spec::kGemmBiasBase, p.bias_base);
  spec::put(c, spec::kGemmDst, p.dst);
  spec::put(c, spec::kGemmDstStride, p.dst_stride);
  return c;
}

std::int64_t rq(std::int64_t acc, Scale r, std::int64_t lo, std::int64_t hi) {
  return std::clamp((acc * r.m + (std::int64_t{1} << (r.s - 1))) >> r.s, lo, hi);
}

std::uint8_t plain_code(std::int64_t acc, Scale r, bool eight) {
  return static_cast<std::uint8_t>(eight ? rq(acc, r, -128, 127) : 8 * rq(acc, Scale{r.m, r.s + 3}, -8, 7));
}

class Oracle {
 public:
  Oracle(PostBench& bench, const Plan& plan) : bench_(bench), plan_(plan) {}

  /// Jobs in the order of the sequencer, with random sums; sums_[token][channel] is what leaves the array.
  std::vector<Job> make_jobs() {
    sums_.assign(static_cast<std::size_t>(plan_.tokens), std::vector<std::int64_t>(static_cast<std::size_t>(32 * plan_.tiles)));
    std::vector<Job> jobs;
    for (int tile = 0; tile < plan_.tiles; tile += plan_.wide) {
      if (plan_.input == Input::kBanded) {
        jobs.push_back(random_job(tile, 0, false));
      } else if (plan_.input == Input::kPosition) {
        for (int g = 0; g < (plan_.tokens + 15) / 16; ++g) jobs.push_back(random_job(tile, g, false));
      } else {
        const WidthTable& t = bench_.tables[plan_.in_table];
        const bool pairs = plan_.mode == 0;
        const int groups4 = (t.tokens - t.eight + 15) / 16;
        for (int g = 0; g < (t.eight + 15) / 16; ++g) jobs.push_back(random_job(tile, g, false));
        for (int g = 0; g < groups4; g += pairs ? 2 : 1) jobs.push_back(random_job(tile, t.first4() / 16 + g, pairs));
      }
    }
    jobs.back().last = true;
    return jobs;
  }

  /// Applies the command to copies of the memories.
  void apply(std::vector<Word>& vsram, std::vector<std::uint8_t>& asram,
             std::unordered_map<std::uint32_t, Word>& logits) const {
    for (int t = 0; t < plan_.tokens; ++t) {
      const auto& row = sums_[static_cast<std::size_t>(t)];
      for (std::uint32_t ch = 0; ch < 32U * static_cast<std::uint32_t>(plan_.tiles); ++ch) {
        const bool eight = bench_.tables[plan_.out_table].is8[static_cast<std::size_t>(t)];
        const std::uint32_t token = static_cast<std::uint32_t>(t);
        const std::uint32_t word = plan_.o_base + token * plan_.o_stride + ch / 16;
        switch (plan_.post) {
          case spec::kPostResidual:
            vsram[word][ch % 16] += static_cast<std::uint32_t>(rq(row[ch], plan_.r0, INT32_MIN, INT32_MAX));
            break;
          case spec::kPostRaw:
            vsram[word][ch % 16] = static_cast<std::uint32_t>(row[ch]);
            break;
          case spec::kPostLogits:
            logits[plan_.dst + token * plan_.dst_stride + ch / 16 * 4][ch % 16] = static_cast<std::uint32_t>(row[ch]);
            break;
          case spec::kPostCode:
            put(asram, token, plan_.o_column + ch, plain_code(row[ch], plan_.r0, eight));
            break;
          case spec::kPostGelu: {
            const auto g = static_cast<std::int32_t>(rq(row[ch], plan_.r0, -8192, 8191));
            const std::int8_t code = hls::gelu_code(g, plan_.frac, hls::Requant{plan_.r2.m, plan_.r2.s}, eight);
            put(asram, token, plan_.o_column + ch, static_cast<std::uint8_t>(code));
            break;
          }
          case spec::kPostGated: {
            if (ch % 2 != 0) break;
            const auto g = static_cast<std::int32_t>(rq(row[ch], plan_.r0, -8192, 8191));
            const auto u = static_cast<std::int32_t>(rq(row[ch + 1], plan_.r1, -8192, 8191));
            const std::int8_t code = hls::silu_mul(g, u, plan_.frac, hls::Requant{plan_.r2.m, plan_.r2.s}, eight);
            put(asram, token, plan_.o_column + ch / 2, static_cast<std::uint8_t>(code));
            break;
          }
          case spec::kPostRope: {
            if (ch % 2 != 0) break;
            const std::uint32_t hd = 1U << plan_.log2_head_dim, d = ch % hd, h = ch / hd;
            const auto& cs = bench_.rope[token * (hd / 16) + d / 16];
            std::int8_t y[2];
            hls::rope_pair(static_cast<std::int32_t>(rq(row[ch], plan_.r0, -32768, 32767)),
                           static_cast<std::int32_t>(rq(row[ch + 1], plan_.r0, -32768, 32767)),
                           hls::SinCos{cs[d % 16], cs[d % 16 + 1]}, eight, y[0], y[1]);
            for (std::uint32_t i = 0; i < 2; ++i) {
              const std::uint32_t slot =
                  plan_.o_ks != 0 ? 4 * ((d + i) / plan_.o_ks) + token : token + static_cast<std::uint32_t>(plan_.slot_offset);
              const std::uint32_t column = plan_.o_ks != 0 ? h * plan_.o_ks + (d + i) % plan_.o_ks : ch + i;
              put_slot(asram, slot, plan_.o_column + column, static_cast<std::uint8_t>(y[i]));
            }
            break;
          }
          default:
            FAIL("unknown post operation");
        }
      }
    }
  }

 private:
  void put(std::vector<std::uint8_t>& asram, std::uint32_t token, std::uint32_t column, std::uint8_t code) const {
    if (plan_.o_ks != 0) {
      put_slot(asram, 4 * (column / plan_.o_ks) + token, column % plan_.o_ks, code);
    } else {
      put_slot(asram, static_cast<std::uint32_t>(bench_.tables[plan_.out_table].slot[token]), column, code);
    }
  }

  void put_slot(std::vector<std::uint8_t>& asram, std::uint32_t slot, std::uint32_t column, std::uint8_t code) const {
    const std::uint32_t addr = plan_.o_base + slot / 32 * plan_.o_stride + column;
    REQUIRE(addr < PostBench::kAsramDepth);
    asram[(((slot / 16) & 1U) * 16 + (slot + column) % 16) * PostBench::kAsramDepth + addr] = code;
  }

  Job random_job(int tile, int group, bool pair) {
    Job job;
    job.tile = tile;
    job.count = std::min(plan_.wide, plan_.tiles - tile);
    job.group = group;
    job.pair = pair;
    const bool wide = plan_.post == spec::kPostRaw || plan_.post == spec::kPostLogits;
    // Requantised sums stay below 2^26, after the shift of 4-bit pairs and the sum of the bands.
    int bits =
        wide && !pair && plan_.input != Input::kBanded ? 31 : 26 - (pair ? 3 : 0) - (plan_.input == Input::kBanded ? 2 : 0);
    if (plan_.bias) --bits;  // biases are below 2^25
    if (bench_.rng() % 4 == 0) bits = std::min(bits, 12);
    for (auto& half : job.sums) {
      for (auto& row : half) {
        for (auto& v : row) {
          const std::int64_t top = (std::int64_t{1} << bits) - 1;
          const auto kind = bench_.rng() % 16;
          v = static_cast<std::int32_t>(kind == 0   ? top
                                        : kind == 1 ? -top
                                                    : static_cast<std::int64_t>(bench_.rng()) % (2 * top + 1) - top);
        }
      }
    }
    for (int p = 0; p < (pair ? 2 : 1); ++p) {
      for (int r = 0; r < 16; ++r) {
        const int t = token_of(group + p, r);
        if (t < 0) continue;
        for (int i = 0; i < 32 * job.count; ++i) {
          std::int64_t sum = 0;
          for (int b = 0; b < (plan_.input == Input::kBanded ? 4 : 1); ++b) sum += job.sums[p][r + 4 * b][i];
          if (pair) sum *= 8;
          const auto word = static_cast<std::size_t>(plan_.bias_base) + static_cast<std::size_t>(2 * tile + i / 16);
          if (plan_.bias) sum += bench_.bias[word][static_cast<std::size_t>(i) % 16];
          sums_[t][32 * tile + i] = sum;
        }
      }
    }
    return job;
  }

  int token_of(int group, int row) const {
    if (plan_.input == Input::kBanded) return row < plan_.tokens ? row : -1;
    const int slot = 16 * group + row;
    if (plan_.input == Input::kGrouped) return bench_.tables[plan_.in_table].token[slot];
    return slot < plan_.tokens ? slot : -1;
  }

  PostBench& bench_;
  const Plan& plan_;
  std::vector<std::vector<std::int64_t>> sums_;
};

int run_and_compare(PostBench& bench, const Plan& plan) {
  CAPTURE(plan.post, static_cast<int>(plan.input), plan.tokens, plan.tiles, plan.mode, plan.o_ks, plan.r0.s);
  Oracle oracle(bench, plan);
  const std::vector<Job> jobs = oracle.make_jobs();
  std::vector<Word> vsram = bench.vsram;
  std::vector<std::uint8_t> asram = bench.asram;
  std::unordered_map<std::uint32_t, Word> logits;
  oracle.apply(vsram, asram, logits);
  bench.logits.clear();
  const int cycles = bench.run(encode(plan, bench.rng), jobs);
  REQUIRE((bench.vsram == vsram));
  REQUIRE((bench.asram == asram));
  REQUIRE((bench.logits == logits));
  return cycles;
}

Scale random_scale(std::mt19937& rng, std::uint32_t low, std::uint32_t high) {
  return {65536 + static_cast<std::uint32_t>(rng() % 65536), low + static_cast<std::uint32_t>(rng() % (high - low + 1))};
}

std::vector<bool> random_widths(std::mt19937& rng, int tokens) {
  const auto share = rng() % 5;
  std::vector<bool> is8(static_cast<std::size_t>(tokens));
  for (std::size_t i = 0; i < is8.size(); ++i) is8[i] = rng() % 4 < share;
  return is8;
}

Plan random_plan(PostBench& bench, std::uint32_t post, Input input, int tokens) {
  std::mt19937& rng = bench.rng;
  for (auto& table : bench.tables) table = make_table(random_widths(rng, tokens));
  Plan p;
  p.post = post;
  p.input = input;
  p.tokens = tokens;
  p.tiles = 1 + static_cast<int>(rng() % (tokens > 32 ? 3 : 6));
  if (input != Input::kBanded) p.wide = std::min(p.tiles, 1 + static_cast<int>(rng() % 4));
  p.mode = input == Input::kPosition ? static_cast<std::uint32_t>(rng() % 3) : static_cast<std::uint32_t>(rng() % 2);
  p.in_table = static_cast<std::uint32_t>(rng() % 2);
  p.out_table = static_cast<std::uint32_t>(rng() % 2);
  p.frac = 6 + static_cast<int>(rng() % 4);
  p.bias = rng() % 2 == 0;
  p.bias_base = static_cast<std::uint32_t>(rng() % 1000);  // and at most 8 tiles
  const std::uint32_t channels = 32U * static_cast<std::uint32_t>(p.tiles);
  const bool to_asram =
      post == spec::kPostRope || post == spec::kPostGated || post == spec::kPostCode || post == spec::kPostGelu;
  if (!to_asram) {
    p.r0 = random_scale(rng, rng() % 4 == 0 ? 1 : 14, 46);
    p.o_stride = channels / 16 + static_cast<std::uint32_t>(rng() % 3);
    p.o_base = static_cast<std::uint32_t>(rng() % (16384 - p.o_stride * static_cast<std::uint32_t>(tokens) - 32));
    p.dst = static_cast<std::uint32_t>(rng());
    p.dst_stride = channels / 4 + static_cast<std::uint32_t>(rng() % 100000);
    return p;
  }
  p.r1 = random_scale(rng, 26, 34);
  p.r2 = random_scale(rng, 30, 40);
  p.r0 = post == spec::kPostCode ? random_scale(rng, 28, 40) : p.r1;
  if (post == spec::kPostGated || post == spec::kPostGelu) p.r0 = random_scale(rng, 26, 36);
  if (post == spec::kPostGelu) p.r2 = random_scale(rng, 16, 28);
  const std::uint32_t columns = post == spec::kPostGated ? channels / 2 : channels;
  p.o_column = 16 * static_cast<std::uint32_t>(rng() % 4);
  if (post == spec::kPostRope) {
    p.log2_head_dim = 5 + static_cast<int>(rng() % 3);
    p.slot_offset = static_cast<int>(rng() % 16);
    const int tiles_per_head = (1 << p.log2_head_dim) / 32;
    p.tiles = (p.tiles + tiles_per_head - 1) / tiles_per_head * tiles_per_head;
    if (tokens <= 4 && p.log2_head_dim > 5 && rng() % 2 == 0) p.o_ks = (1U << p.log2_head_dim) / 4;
  } else if (tokens <= 4 && rng() % 2 == 0) {
    // The region's columns, o_column among them, end within the four slices.
    p.o_ks = (columns + p.o_column + 63) / 64 * 16;
  }
  p.o_stride = p.o_column + 32U * static_cast<std::uint32_t>(p.tiles) + static_cast<std::uint32_t>(rng() % 64);
  p.o_base = static_cast<std::uint32_t>(rng() % (PostBench::kAsramDepth - 5 * p.o_stride - 64));
  return p;
}

const std::array<std::uint32_t, 7> kAllPosts = {spec::kPostResidual, spec::kPostRaw,    spec::kPostRope, spec::kPostGated,
                                                spec::kPostCode,     spec::kPostLogits, spec::kPostGelu};

}  // namespace

TEST_CASE("post matches its oracle for random commands", "[rtl][post]") {
  const double refuse = GENERATE(0.0, 0.3, 0.8);
  PostBench bench(17 + static_cast<std::uint32_t>(10 * refuse), refuse, refuse / 2);
  for (int round = 0; round < 12; ++round) {
    for (const std::uint32_t post : kAllPosts) {
      for (const Input input : {Input::kPosition, Input::kGrouped, Input::kBanded}) {
        constexpr std::array<int, 8> kTokens = {1, 2, 17, 128, 3, 33, 16, 100};
        const int tokens = input == Input::kBanded ? 1 + round % 4 : kTokens[static_cast<std::size_t>(round) % 8];
        run_and_compare(bench, random_plan(bench, post, input, tokens));
      }
    }
  }
}

TEST_CASE("post switches between operations without mixing them up", "[rtl][post]") {
  PostBench bench(5, 0.2, 0.0);
  for (int i = 0; i < 150; ++i) {
    const auto input = static_cast<Input>(bench.rng() % 3);
    const int tokens = 1 + static_cast<int>(bench.rng() % (input == Input::kBanded ? 4 : 20));
    run_and_compare(bench, random_plan(bench, kAllPosts[bench.rng() % 7], input, tokens));
  }
}

TEST_CASE("post adds to the same residual in consecutive commands", "[rtl][post]") {
  PostBench bench(9, 0.1, 0.0);
  Plan plan = random_plan(bench, spec::kPostResidual, Input::kPosition, 5);
  plan.r0 = {70000, 20};
  for (int i = 0; i < 20; ++i) run_and_compare(bench, plan);
}

TEST_CASE("post keeps one beat per cycle", "[rtl][post]") {
  PostBench bench(2, 0.0, 0.0);
  for (const std::uint32_t post : kAllPosts) {
    Plan plan = random_plan(bench, post, Input::kPosition, 128);
    // Every pass has 32 beats; jobs follow without a gap. The lanes of GELU need two cycles a beat.
    const int beats = 32 * 8 * plan.tiles;
    REQUIRE(run_and_compare(bench, plan) == (post == spec::kPostGelu ? 2 * beats - 1 : beats));
    plan = random_plan(bench, post, Input::kBanded, 1);
    REQUIRE(run_and_compare(bench, plan) == 8 * plan.tiles);
  }
}

}  // namespace squat::test
