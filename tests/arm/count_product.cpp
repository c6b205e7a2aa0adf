// SPDX-License-Identifier: Apache-2.0
// Work whose executed instructions are counted: count_product REPEATS KERNEL WORK NUMBER..., see kWorks. The work alone is the
// difference between two repeats and one.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/backends/cpu/codes.hpp"
#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/cpu/float_kernels.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "host/backends/cpu/kv_cache.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"

using namespace squat;
using namespace squat::backends;

namespace {

constexpr int kContext = 128;
constexpr hls::Requant kRequant{98765, 30}, kFixed{70000, 25};

using Numbers = std::vector<int>;
using Repeated = std::function<void()>;

std::uint32_t checksum = 0;  ///< printed, so that nothing is left out

template <typename Values>
void use(const Values& values) {
  for (const auto v : values) checksum = checksum * 31 + static_cast<std::uint32_t>(v);
}

std::size_t size(int a, int b = 1) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); }

std::vector<std::int32_t> spread(int n, int largest) {
  std::vector<std::int32_t> v;
  for (int i = 0; i < n; ++i)
    v.push_back(static_cast<int>(static_cast<unsigned>(i) * 2654435761U % static_cast<unsigned>(2 * largest + 1)) - largest);
  return v;
}

model::IntMatrix matrix(int rows, int cols, int bits) {
  model::IntMatrix w;
  w.rows = rows;
  w.cols = cols;
  w.bits = bits;
  for (int i = 0; i < rows * cols; ++i) w.codes.push_back(static_cast<std::int8_t>(i * 31 % 15 - 7));
  return w;
}

cpu::Codes codes_of(int tokens, int cols, bool four_bit, const cpu::KernelSet& set) {
  cpu::Codes codes;
  codes.resize(tokens, cols);
  codes.set_four_bit(four_bit);
  for (int t = 0; t < tokens; ++t) {
    for (int i = 0; i < cols; ++i) codes.row(t)[i] = static_cast<std::int8_t>(8 * ((i + t) % 16 - 8));
    codes.sum_row(t, set.units());
  }
  return codes;
}

using Multiply = void (*)(const cpu::Product&);

void repeat_product(int repeats, const model::IntMatrix& w, const cpu::Codes& codes, const cpu::KernelSet& packing,
                    Multiply multiply) {
  const cpu::PackedMatrix packed = cpu::pack(w, packing);
  std::vector<std::int32_t> out(size(codes.tokens(), w.rows));
  cpu::Product p = cpu::product_of(packed, 0, packed.blocks);
  codes.feed(p);
  p.out = out.data();
  p.out_stride = size(w.rows);
  for (int i = 0; i < repeats; ++i) multiply(p);
  use(out);
}

/// BITS ROWS COLUMNS TOKENS FOUR_BIT
void product(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  repeat_product(repeats, matrix(n[1], n[2], n[0]), codes_of(n[3], n[2], n[4] != 0, set), set,
                 n[0] == 4 ? set.product4 : set.product8);
}

/// CHANNELS POSITIONS TOKENS
void values(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  cpu::KernelSet packing = set;
  packing.flip8 = set.flip_values;
  repeat_product(repeats, matrix(n[0], n[1], 8), codes_of(n[2], n[1], false, set), packing, set.product_values);
}

/// CHANNELS: a norm with what decides its scale, and the sum of its codes
void norm(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const cpu::VectorUnits& units = set.units();
  const std::vector<std::int32_t> x = spread(n[0], 200000), gain(size(n[0]), 12345);
  std::vector<std::int8_t> code(size(n[0]));
  for (int i = 0; i < repeats; ++i) {
    checksum += units.largest_magnitude(x.data(), n[0]);
    checksum += static_cast<std::uint32_t>(units.sum_of_squares(x.data(), n[0], 0, 4));
    units.norm(x.data(), n[0], {4, 987654, 20}, gain.data(), 30, true, code.data());
    checksum += static_cast<std::uint32_t>(units.sum(code.data(), n[0]));
  }
  use(code);
}

/// CHANNELS
void layer_norm(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const cpu::VectorUnits& units = set.units();
  const std::vector<std::int32_t> x = spread(n[0], 200000), gain(size(n[0]), 12345), beta(size(n[0]), 77);
  std::vector<std::int8_t> code(size(n[0]));
  for (int i = 0; i < repeats; ++i) {
    checksum += units.largest_magnitude(x.data(), n[0]);
    checksum += static_cast<std::uint32_t>(units.sum_of_squares(x.data(), n[0], 5, 4));
    units.layer_norm(x.data(), n[0], 5, {4, 987654, 20}, gain.data(), beta.data(), 30, true, code.data());
    checksum += static_cast<std::uint32_t>(units.sum(code.data(), n[0]));
  }
  use(code);
}

/// HALF of a head's channels
void rope(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const std::vector<std::int32_t> acc = spread(2 * n[0], 400000), turn = spread(n[0], 30000);
  std::vector<std::int8_t> code(size(2 * n[0]));
  for (int i = 0; i < repeats; ++i) set.units().rope(acc.data(), n[0], kRequant, turn.data(), turn.data(), true, code.data());
  use(code);
}

/// POSITIONS
void softmax(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const std::vector<std::int32_t> scores = spread(n[0], 40000);
  std::vector<std::uint8_t> code(size(n[0]));
  std::uint32_t wide = 0;
  std::int32_t sum = 0;
  for (int i = 0; i < repeats; ++i) set.units().softmax(scores.data(), n[0], kRequant, code.data(), wide, sum);
  use(code);
}

/// CHANNELS
void silu(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const std::vector<std::int32_t> acc = spread(n[0], 400000);
  std::vector<std::int8_t> code(size(n[0]));
  for (int i = 0; i < repeats; ++i) {
    set.units().silu_mul(acc.data(), kFixed, acc.data(), kFixed, n[0], 9, kRequant, true, code.data());
    checksum += static_cast<std::uint32_t>(set.units().sum(code.data(), n[0]));
  }
  use(code);
}

/// CHANNELS
void gelu(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const std::vector<std::int32_t> acc = spread(n[0], 400000);
  std::vector<std::int8_t> code(size(n[0]));
  for (int i = 0; i < repeats; ++i) {
    set.units().gelu(acc.data(), kFixed, n[0], 9, kRequant, true, code.data());
    checksum += static_cast<std::uint32_t>(set.units().sum(code.data(), n[0]));
  }
  use(code);
}

/// CHANNELS
void requantize(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const std::vector<std::int32_t> acc = spread(n[0], 400000);
  std::vector<std::int8_t> code(size(n[0]));
  for (int i = 0; i < repeats; ++i) {
    set.units().requantize(acc.data(), n[0], kRequant, true, -128, code.data());
    checksum += static_cast<std::uint32_t>(set.units().sum(code.data(), n[0]));
  }
  use(code);
}

/// CHANNELS
void residual(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const std::vector<std::int32_t> acc = spread(n[0], 400000);
  std::vector<std::int32_t> x(size(n[0]));
  for (int i = 0; i < repeats; ++i) set.units().add_residual(x.data(), acc.data(), n[0], kRequant);
  use(x);
}

/// CHANNELS of a head, whose key and value are stored
void cache(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  model::ModelConfig config = quantize::shape_config("tiny");
  config.head_dim = n[0];
  cpu::KvCache kv(config, set);
  std::vector<std::int8_t> code(size(n[0]), 3);
  for (int i = 0; i < repeats; ++i) {
    kv.store_key(0, 0, i, code.data());
    kv.store_value(0, 0, i, code.data());
  }
  kv.read_value(0, 0, repeats - 1, code.data());
  use(code);
}

/// BITS (16 or 32) ROWS COLUMNS TOKENS
void float_product(int repeats, const cpu::KernelSet&, const Numbers& n) {
  const std::vector<float> single(size(n[1], n[2]), 0.5F), x(size(n[3], n[2]), 0.25F);
  const std::vector<std::uint16_t> half(single.size(), 0x3800);
  std::vector<float> out(size(n[1], n[3]));
  cpu::FloatProduct p;
  p.weights = n[0] == 16 ? static_cast<const void*>(half.data()) : single.data();
  p.rows = n[1];
  p.columns = n[2];
  p.x = x.data();
  p.stride = size(n[2]);
  p.tokens = n[3];
  p.out = out.data();
  p.out_stride = size(n[1]);
  const cpu::FloatKernels& kernels = cpu::float_kernels();
  for (int i = 0; i < repeats; ++i) (n[0] == 16 ? kernels.half : kernels.single)(p);
  use(out);
}

/// WEIGHT_BITS: a token of LLaMA-58M, the first after 127 others
void token(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const model::IntegerModel m = quantize::random_model(quantize::shape_config("llama-58m"), n[0], {}, 0);
  CpuDevice device(m, {set.name, 1});
  device.run(std::vector<int>(kContext - 1, 1), engine::RowRange::kLast);
  for (int i = 0; i < repeats; ++i) checksum += static_cast<std::uint32_t>(device.run({2}, engine::RowRange::kLast).logits[0]);
}

/// WEIGHT_BITS: LLaMA-58M's prompt of 128 tokens in one pass
void prompt(int repeats, const cpu::KernelSet& set, const Numbers& n) {
  const model::IntegerModel m = quantize::random_model(quantize::shape_config("llama-58m"), n[0], {}, 0);
  CpuDevice device(m, {set.name, 1});
  const std::vector<int> ids(kContext, 1);
  for (int i = 0; i < repeats; ++i) {
    device.reset();
    checksum += static_cast<std::uint32_t>(device.run(ids, engine::RowRange::kLast).logits[0]);
  }
}

struct Work {
  std::size_t numbers;
  void (*run)(int repeats, const cpu::KernelSet& set, const Numbers& numbers);
};

const std::map<std::string, Work> kWorks = {
    {"product", {5, product}},   {"values", {3, values}},
    {"norm", {1, norm}},         {"layer_norm", {1, layer_norm}},
    {"rope", {1, rope}},         {"softmax", {1, softmax}},
    {"silu", {1, silu}},         {"gelu", {1, gelu}},
    {"cache", {1, cache}},       {"requantize", {1, requantize}},
    {"residual", {1, residual}}, {"float_product", {4, float_product}},
    {"token", {1, token}},       {"prompt", {1, prompt}},
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto work = argc > 3 ? kWorks.find(argv[3]) : kWorks.end();
    if (work == kWorks.end() || static_cast<std::size_t>(argc) != 4 + work->second.numbers) {
      throw usage_error("usage: count_product REPEATS KERNEL WORK NUMBER...; works and their numbers: see count_product.cpp");
    }
    Numbers numbers;
    std::transform(argv + 4, argv + argc, std::back_inserter(numbers), [](const char* text) { return std::atoi(text); });
    work->second.run(std::atoi(argv[1]), cpu::choose_kernels(argv[2]), numbers);
    std::printf("%u\n", checksum);
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.code());
  }
}
