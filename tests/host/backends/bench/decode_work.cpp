// SPDX-License-Identifier: Apache-2.0
#include "tests/host/backends/bench/decode_work.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "host/model/error.hpp"

namespace squat::bench {

namespace cpu = backends::cpu;

volatile std::uint64_t sink;

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

int run_bench(int (*run)(int, char**), int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.code());
  }
}

Jobs all_jobs(const cpu::PackedModel& m, std::size_t layers, bool head) {
  Jobs all;
  for (std::size_t l = 0; l < layers; ++l) {
    const cpu::PackedLayer& p = m.layers[l];
    all.insert(all.end(), {{&p.q, &p.k, &p.v}, {&p.o}, {&p.gate, &p.up}, {&p.down}});
  }
  if (head) all.push_back({&m.head});
  return all;
}

double bytes_of(const Jobs& jobs) {
  double bytes = 0;
  for (const auto& job : jobs) {
    for (const cpu::PackedMatrix* w : job) bytes += static_cast<double>(w->bytes());
  }
  return bytes;
}

Products::Products(const cpu::KernelSet& set, cpu::ThreadPool& pool) : set_(set), pool_(pool), out_(65536) {
  codes_.resize(1, 4096);
  for (int i = 0; i < 4096; ++i) codes_.row(0)[i] = static_cast<std::int8_t>(i * 37 % 255 - 127);
  codes_.sum_row(0, set.units());
}

void Products::multiply(const Jobs& jobs) {
  for (const auto& job : jobs) {
    pool_.run([&](int thread, int threads) {
      for (const cpu::PackedMatrix* w : job) {
        const cpu::Share blocks(w->blocks, thread, threads);
        if (blocks.first == blocks.last) continue;
        cpu::Product p = cpu::product_of(*w, blocks.first, blocks.last);
        codes_.feed(p);
        p.out = out_.data() + blocks.first * cpu::block_rows(w->bits);
        p.out_stride = out_.size();
        (w->bits == 4 ? set_.product4 : set_.product8)(p);
      }
    });
  }
}

void Products::read(const Jobs& jobs) {
  for (const auto& job : jobs) {
    pool_.run([&](int thread, int threads) {
      for (const cpu::PackedMatrix* w : job) {
        const cpu::Share blocks(w->blocks, thread, threads);
        const std::size_t stride = w->block_stride / 8;
        sink = set_.units().read(
            reinterpret_cast<const std::uint64_t*>(w->data.get()) + static_cast<std::size_t>(blocks.first) * stride,
            static_cast<std::size_t>(blocks.last - blocks.first) * stride);
      }
    });
  }
}

}  // namespace squat::bench
