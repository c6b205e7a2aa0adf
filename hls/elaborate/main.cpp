// SPDX-License-Identifier: Apache-2.0
// Prints the datapath leaves as SystemVerilog: hw/gen/squat_hls_leaves.sv. hw/formal/hls_*.sv prove them equal to the RTL.
#include <cstdio>

#include "hls/elaborate/recorded.hpp"
#include "hls/leaves/clipping.hpp"
#include "hls/leaves/packing.hpp"
#include "hls/leaves/requantizing.hpp"
#include "hls/leaves/widths.hpp"

namespace {

using namespace squat::elaborate;
namespace leaf = squat::hls::leaf;
using N = RecordedNumbers;
template <int W>
using Int = N::Int<W>;
template <int W>
using Uint = N::Uint<W>;

void print(const Module& m, const std::string& comment) { std::printf("\n%s", m.text(comment).c_str()); }

void packing() {
  {
    Module m("hls_pack_w4");
    const auto w1 = input<Int<4>>("w1_i"), w0 = input<Int<4>>("w0_i");
    output("a_o", leaf::pack_w4<N>(w1, w0));
    print(m, "leaf::pack_w4");
  }
  {
    Module m("hls_pack_w8");
    const auto w1 = input<Int<8>>("w1_i"), w0 = input<Int<8>>("w0_i");
    output("a_o", leaf::pack_w8<N>(w1, w0));
    print(m, "leaf::pack_w8");
  }
  {
    Module m("hls_pack_a44");
    const auto a1 = input<Int<4>>("a1_i"), a0 = input<Int<4>>("a0_i");
    output("b_o", leaf::pack_a44<N>(a1, a0));
    print(m, "leaf::pack_a44");
  }
  {
    Module m("hls_multiply_add");
    const auto p = input<Int<48>>("p_i");
    const auto a = input<Int<27>>("a_i");
    const auto b = input<Int<18>>("b_i");
    output("p_o", leaf::multiply_add<N>(p, a, b));
    print(m, "leaf::multiply_add");
  }
  {
    Module m("hls_split");
    const auto mode = input<Uint<2>>("mode_i");
    const auto p = input<Int<48>>("p_i");
    const auto f = leaf::split<N>(mode, p);
    output("w0a0_o", f.w0a0);
    output("w1a0_o", f.w1a0);
    output("w0a1_o", f.w0a1);
    output("w1a1_o", f.w1a1);
    print(m, "leaf::split");
  }
}

void requantising() {
  {
    Module m("hls_requantize");
    const auto x = input<Int<27>>("x_i");
    const auto factor = input<Uint<17>>("m_i");
    const auto s = input<Uint<6>>("s_i");
    const auto low = input<Int<32>>("low_i"), high = input<Int<32>>("high_i");
    output("y_o", leaf::requantize<N>(x, factor, s, low, high));
    print(m, "leaf::requantize");
  }
  {
    Module m("hls_scale_code");
    const auto product = input<Int<50>>("product_i");
    const auto s = input<Uint<6>>("s_i");
    const auto eight = input<N::Bool>("eight_i");
    const auto low8 = input<Int<32>>("low8_i");
    output("code_o", leaf::scale_code<N>(product, s, eight, low8));
    print(m, "leaf::scale_code");
  }
  {
    Module m("hls_requantize_code");
    const auto x = input<Int<27>>("x_i");
    const auto factor = input<Uint<17>>("m_i");
    const auto s = input<Uint<6>>("s_i");
    const auto eight = input<N::Bool>("eight_i");
    const auto low8 = input<Int<32>>("low8_i");
    output("code_o", leaf::requantize_code<N>(x, factor, s, eight, low8));
    print(m, "leaf::requantize_code");
  }
  {
    Module m("hls_is_clipped");
    const auto code = input<Int<8>>("code_i");
    const auto eight = input<N::Bool>("eight_i");
    output("clipped_o", leaf::is_clipped<N>(code, eight));
    print(m, "leaf::is_clipped");
  }
}

void widths() {
  {
    Module m("hls_width_key");
    const auto reversed = input<N::Bool>("reversed_i"), random = input<N::Bool>("random_i");
    const auto base = input<Uint<32>>("base_i"), threshold = input<Uint<32>>("threshold_i");
    const auto rho_num = input<Uint<11>>("rho_num_i");
    const auto score = input<Uint<32>>("score_i");
    const auto position = input<Uint<17>>("position_i");
    const Uint<32> hash = leaf::random_key<N>(base, Uint<32>(position));
    output("key_o", leaf::ranking_key<N>(reversed, random, score, hash));
    output("want_o", leaf::wants_eight<N>(reversed, random, score, hash, position, threshold, rho_num));
    output("target_o", leaf::budget_target<N>(rho_num, position));
    print(m, "leaf::random_key, ranking_key, wants_eight, budget_target");
  }
  {
    Module m("hls_comes_before");
    const auto j = input<Uint<8>>("j_i");
    const auto key_j = input<Uint<32>>("key_j_i");
    const auto seen = input<Uint<8>>("seen_i"), i = input<Uint<8>>("i_i");
    const auto key_i = input<Uint<32>>("key_i_i");
    output("before_o", leaf::comes_before<N>(j, key_j, seen, i, key_i));
    print(m, "leaf::comes_before");
  }
  {
    Module m("hls_eight_limit");
    const auto rho_num = input<Uint<11>>("rho_num_i");
    const auto seen = input<Uint<8>>("seen_i");
    output("limit_o", leaf::eight_limit<N>(rho_num, seen));
    print(m, "leaf::eight_limit");
  }
  {
    Module m("hls_within_budget");
    const auto want = input<N::Bool>("want_i");
    const auto target = input<Int<19>>("target_i");
    const auto before = input<Uint<17>>("eight_before_i");
    output("eight_o", leaf::within_budget<N>(want, target, before));
    print(m, "leaf::within_budget");
  }
}

}  // namespace

int main() {
  std::printf(
      "// SPDX-License-Identifier: Apache-2.0\n"
      "// Written by squat_hls_leaves from the C++ in hls/leaves; do not edit. Proved equal to hw/rtl: hw/formal/hls_*.sv.\n"
      "// Intermediate results have the widths of ap_int, so some of their upper bits are not used.\n"
      "/* verilator lint_off UNUSED */\n"
      "/* verilator lint_off DECLFILENAME */\n");
  packing();
  requantising();
  widths();
}
