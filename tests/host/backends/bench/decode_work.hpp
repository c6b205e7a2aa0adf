// SPDX-License-Identifier: Apache-2.0
// What the benchmarks of the CPU backend time: all products of a token, and plain loads of the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "host/backends/cpu/codes.hpp"
#include "host/backends/cpu/kernel_set.hpp"
#include "host/backends/cpu/packed_model.hpp"
#include "host/backends/cpu/thread_pool.hpp"

namespace squat::bench {

/// Keeps reads that nobody uses.
extern volatile std::uint64_t sink;

double milliseconds(const std::function<void()>& work);
double median(std::vector<double> v);

/// What main returns: that of `run`, or the exit code of an error, which is printed.
int run_bench(int (*run)(int, char**), int argc, char** argv);

/// Matrices with the same input are multiplied in one job of the thread pool, as CpuDevice does.
using Jobs = std::vector<std::vector<const backends::cpu::PackedMatrix*>>;

Jobs all_jobs(const backends::cpu::PackedModel& m, std::size_t layers, bool head);
double bytes_of(const Jobs& jobs);

class Products {
 public:
  Products(const backends::cpu::KernelSet& set, backends::cpu::ThreadPool& pool);

  void multiply(const Jobs& jobs);
  void read(const Jobs& jobs);

 private:
  const backends::cpu::KernelSet& set_;
  backends::cpu::ThreadPool& pool_;
  backends::cpu::Codes codes_;
  std::vector<std::int32_t> out_;
};

}  // namespace squat::bench
