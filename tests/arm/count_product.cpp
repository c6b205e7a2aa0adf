// SPDX-License-Identifier: Apache-2.0
// Work whose executed instructions are counted: count_product KERNEL product BITS TOKENS FOUR_BIT, one product with K = N =
// 512; or count_product KERNEL token, LLaMA-58M's prompt of 128 tokens and one decoded token (counted from "run" on by the
// plugin).
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "host/backends/cpu/codes.hpp"
#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"

using namespace squat;
using namespace squat::backends;

namespace {

constexpr int kSize = 512;
constexpr int kContext = 128;

/// One product; prints a checksum, so that nothing is left out.
void product(int repeats, const cpu::KernelSet& set, int bits, int tokens, bool four_bit) {
  model::IntMatrix w;
  w.rows = w.cols = kSize;
  w.bits = bits;
  for (int i = 0; i < kSize * kSize; ++i) w.codes.push_back(static_cast<std::int8_t>(i * 31 % 15 - 7));
  const cpu::PackedMatrix packed = cpu::pack(w, set);
  cpu::Codes codes;
  codes.resize(tokens, kSize);
  codes.set_four_bit(four_bit);
  for (int t = 0; t < tokens; ++t) {
    for (int i = 0; i < kSize; ++i) codes.row(t)[i] = static_cast<std::int8_t>(8 * ((i + t) % 16 - 8));
    codes.sum_row(t, set.units());
  }
  std::vector<std::int32_t> out(static_cast<std::size_t>(tokens) * kSize);
  cpu::Product p = cpu::product_of(packed, 0, packed.blocks);
  codes.feed(p);
  p.out = out.data();
  p.out_stride = kSize;
  for (int i = 0; i < repeats; ++i) (bits == 4 ? set.product4 : set.product8)(p);
  std::uint32_t sum = 0;
  for (const std::int32_t v : out) sum = sum * 31 + static_cast<std::uint32_t>(v);
  std::printf("%u\n", sum);
}

/// The first of the repeats sees 128 positions, its own included.
void token(int repeats, const std::string& kernel) {
  const model::IntegerModel m = quantize::random_model(quantize::shape_config("llama-58m"), 4, {}, 0);
  CpuDevice device(m, {kernel, 1});
  for (int i = 0; i < kContext - 1; ++i) device.run({1}, engine::RowRange::kLast);
  std::int32_t last = 0;
  for (int i = 0; i < repeats; ++i) last = device.run({2}, engine::RowRange::kLast).logits[0];
  std::printf("%d\n", last);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string work = argc > 3 ? argv[3] : "";
    if (work == "product" && argc == 7) {
      product(std::atoi(argv[1]), cpu::choose_kernels(argv[2]), std::atoi(argv[4]), std::atoi(argv[5]),
              std::atoi(argv[6]) != 0);
    } else if (work == "token" && argc == 4) {
      token(std::atoi(argv[1]), argv[2]);
    } else {
      throw usage_error(
          "usage: count_product REPEATS KERNEL product BITS TOKENS FOUR_BIT, or count_product REPEATS KERNEL token");
    }
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.code());
  }
}
