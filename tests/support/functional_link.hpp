// SPDX-License-Identifier: Apache-2.0
// A kernel link over the functional kernel: device memory is host memory, a run is a function call.
#pragma once

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/engine/kernel_link.hpp"
#include "sim/functional/functional_kernel.hpp"

namespace squat::test {

class FunctionalLink : public engine::KernelLink {
 public:
  explicit FunctionalLink(engine::AcceleratorLimits limits = {})
      : limits_(limits), kernel_([this](std::uint64_t a, std::size_t n) { return view(a, n); }) {}

  std::string name() const override { return "functional"; }
  engine::AcceleratorLimits limits() const override { return limits_; }
  std::string cycle_source() const override { return ""; }

  void prepare(const engine::BufferSizes& sizes, const WriteWeights& write) override {
    weights_.resize(std::size_t{sizes.weight_units} * 16);
    write(weights_.data());
    // Stale cache contents must never matter: start from noise.
    kv_.resize(std::size_t{sizes.kv_units} * 16);
    for (std::size_t i = 0; i < kv_.size(); ++i) kv_[i] = static_cast<std::uint8_t>(i * 37 + 11);
    io_.resize(std::size_t{sizes.io_units} * 16);
    commands_.resize(std::size_t{sizes.max_commands} * 64);
  }

  const std::uint8_t* read_cache(engine::ByteRange range) override {
    if (range.offset + range.size > kv_.size()) throw std::runtime_error("reading beyond the cache");
    return kv_.data() + range.offset;
  }
  std::uint8_t* io() override { return io_.data(); }

  void run(const engine::KernelStart& start) override {
    if (start.commands->size() * 64 > commands_.size()) throw std::runtime_error("too many commands");
    std::memcpy(commands_.data(), start.commands->data(), start.commands->size() * 64);
    sim::KernelArguments arguments;
    arguments.cmd = kCommands;
    arguments.weights.fill(kWeights);
    arguments.kv = kKv;
    arguments.io = kIo;
    arguments.cmd_count = static_cast<std::uint32_t>(start.commands->size());
    arguments.io_units = start.io_units;
    kernel_.run(arguments);
    ++runs_;
  }

  int runs() const { return runs_; }
  /// The key-value cache, for tests that damage it.
  std::vector<std::uint8_t>& cache() { return kv_; }

 private:
  static constexpr std::uint64_t kCommands = 0x100000000, kWeights = 0x200000000, kKv = 0x300000000, kIo = 0x400000000;

  std::uint8_t* view(std::uint64_t address, std::size_t bytes) {
    std::vector<std::uint8_t>* const buffers[] = {&commands_, &weights_, &kv_, &io_};
    const std::uint64_t index = (address >> 32) - 1;
    const std::uint64_t offset = address & 0xffffffffU;
    if (index > 3 || offset + bytes > buffers[index]->size()) {
      throw std::runtime_error("address " + std::to_string(address) + " outside every buffer");
    }
    return buffers[index]->data() + offset;
  }

  engine::AcceleratorLimits limits_;
  std::vector<std::uint8_t> commands_, weights_, kv_, io_;
  sim::FunctionalKernel kernel_;
  int runs_ = 0;
};

}  // namespace squat::test
