// SPDX-License-Identifier: Apache-2.0
// Gemm commands whose fields are out of range are refused before they multiply anything.
#include "tests/rtl/gemm_bench.hpp"

using namespace squat;
using test::Gemm;
using test::GemmBench;
using test::kDepth;
using test::PostFields;

TEST_CASE("gemm: fields out of range") {
  Gemm g;
  g.k = g.stride = 64;
  g.bank_stride = g.tile_stride = 64;
  const int field = GENERATE(range(0, test::kBeatWords > 1 ? 20 : 19));
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
    case 15:
      g.wide = test::kBlocks;
      g.tiles = 8;
      if (test::kBlocks == 4) {  // there is no such number of tiles; four of these do not fit the ring
        g.wide = 3;
        g.k = g.stride = 2080;
      }
      break;
    case 16:
      g.banded = true;
      g.tiles = 8;
      g.wide = 1;
      if (test::kBeatWords > 1) {  // two tiles of 8-bit weights are what a bank has words for
        g.mode = 1;
        g.wide = 2;
      }
      break;
    case 17:
      g.mode = 1;
      g.wide = test::kBlocks > 1 ? 1 : 2;
      g.tiles = 2;
      g.k = g.stride = 2056;  // 1028 words
      break;
    case 19:
      g.k = g.stride = 8;  // two words of a bank: no whole beat
      break;
    default:
      g.mode = 1;
      g.k = 4104;
      g.tokens = 1;
      break;  // 2052 words in a bank of 2048
  }
  GemmBench b(1);
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
    GemmBench b(1);
    b.commands.push_back(g);
    b.next_load = 1;
    for (int i = 0; i < 100; ++i) b.cycle();
    CHECK(b.gemm_error == static_cast<int>(spec::kErrorBadParameter));
    CHECK(b.steps == 0);
  }
}
