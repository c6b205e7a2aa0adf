// SPDX-License-Identifier: Apache-2.0
#include "host/cli/cpu_roof.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "host/backends/cpu/codes.hpp"
#include "host/backends/cpu/float_kernels.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "host/backends/cpu/thread_pool.hpp"

namespace squat::cli {
namespace {

namespace cpu = backends::cpu;
using Clock = std::chrono::steady_clock;

volatile std::uint64_t sink;  // keeps reads that nobody uses

/// The fastest of at least five rounds and 30 ms, in milliseconds.
template <typename Round>
double fastest(const Round& round) {
  double best = 0;
  const auto begin = Clock::now();
  for (int i = 0; i < 5 || Clock::now() - begin < std::chrono::milliseconds(30); ++i) {
    const auto start = Clock::now();
    round();
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    best = i == 0 ? ms : std::min(best, ms);
  }
  return best;
}

// The product whose rate counts: tokens by a matrix of that many rows for each thread.
constexpr int kTokens = 128, kCols = 512, kRowsPerThread = 128, kCalls = 4;

double rate(int rows, double ms) { return static_cast<double>(rows) * kCols * kTokens * kCalls / ms; }

}  // namespace

double CpuRoof::read_ms(double bytes) {
  const std::size_t words = static_cast<std::size_t>(bytes) / sizeof(std::uint64_t) + 1;
  const auto known = reads_.find(words);
  if (known != reads_.end()) return known->second;
  const cpu::VectorUnits& units = cpu::choose_kernels(kernel_).units();
  const std::vector<std::uint64_t> data(words, 1);
  cpu::ThreadPool pool(threads_);
  return reads_[words] = fastest([&] {
           pool.run([&](int thread, int threads) {
             const auto count = static_cast<std::size_t>(threads), index = static_cast<std::size_t>(thread);
             const std::size_t first = words / count * index,
                               last = thread + 1 == threads ? words : words / count * (index + 1);
             sink = units.read(data.data() + first, last - first);
           });
         });
}

double CpuRoof::macs_per_ms(int weight_bits, bool four_bit) {
  const auto known = rates_.find({weight_bits, four_bit});
  if (known != rates_.end()) return known->second;
  const cpu::KernelSet& set = cpu::choose_kernels(kernel_);
  model::IntMatrix w;
  w.rows = kRowsPerThread * threads_;
  w.cols = kCols;
  w.bits = weight_bits;
  for (int i = 0; i < w.rows * w.cols; ++i) w.codes.push_back(static_cast<std::int8_t>(i * 5 % 15 - 7));
  const cpu::PackedMatrix packed = cpu::pack(w, set);
  cpu::Codes codes;
  codes.resize(kTokens, kCols);
  codes.set_four_bit(four_bit);
  for (int t = 0; t < kTokens; ++t) {
    for (int c = 0; c < kCols; ++c) codes.row(t)[c] = static_cast<std::int8_t>(8 * ((t + c) % 16 - 8));
    codes.sum_row(t, set.units());
  }
  std::vector<std::int32_t> out(static_cast<std::size_t>(kTokens) * static_cast<std::size_t>(w.rows));
  cpu::ThreadPool pool(threads_);
  const double ms = fastest([&] {
    pool.run([&](int thread, int threads) {
      const cpu::Share blocks(packed.blocks, thread, threads);
      if (blocks.first == blocks.last) return;
      cpu::Product p = cpu::product_of(packed, blocks.first, blocks.last);
      codes.feed(p);
      p.out = out.data() + blocks.first * cpu::block_rows(weight_bits);
      p.out_stride = static_cast<std::size_t>(w.rows);
      for (int call = 0; call < kCalls; ++call) (weight_bits == 4 ? set.product4 : set.product8)(p);
    });
  });
  return rates_[{weight_bits, four_bit}] = rate(w.rows, ms);
}

double CpuRoof::half_macs_per_ms() {
  const auto rows = static_cast<std::size_t>(kRowsPerThread) * static_cast<std::size_t>(threads_);
  const std::vector<std::uint16_t> weights(rows * kCols, 0x3800);  // 0.5
  const std::vector<float> x(static_cast<std::size_t>(kTokens) * kCols, 0.25F);
  std::vector<float> out(kTokens * rows);
  cpu::ThreadPool pool(threads_);
  const double ms = fastest([&] {
    pool.run([&](int thread, int) {
      const std::size_t first = static_cast<std::size_t>(thread) * kRowsPerThread;
      cpu::FloatProduct p;
      p.weights = weights.data() + first * kCols;
      p.rows = kRowsPerThread;
      p.columns = kCols;
      p.tokens = kTokens;
      p.x = x.data();
      p.stride = kCols;
      p.out = out.data() + first;
      p.out_stride = rows;
      for (int call = 0; call < kCalls; ++call) cpu::float_kernels().half(p);
    });
  });
  return rate(static_cast<int>(rows), ms);
}

}  // namespace squat::cli
