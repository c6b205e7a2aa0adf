// SPDX-License-Identifier: Apache-2.0
// The accelerator as a C++ program: executes command records one after the other, in order, on the same DDR images.
// No cycles, no packing: it separates errors of the command compiler from errors of the RTL.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "hw/gen/squat_spec.hpp"
#include "sim/functional/onchip.hpp"

namespace squat::sim {

/// Host pointer to `bytes` bytes of device memory at `address`; throws when they are outside every buffer.
using MemoryView = std::function<std::uint8_t*(std::uint64_t address, std::size_t bytes)>;

struct KernelArguments {
  std::uint64_t cmd = 0;
  std::array<std::uint64_t, 4> weights{};
  std::uint64_t kv = 0;
  std::uint64_t io = 0;
  std::uint32_t cmd_count = 0;
  std::uint32_t io_units = 0;
};

class FunctionalKernel {
 public:
  explicit FunctionalKernel(MemoryView memory) : memory_(std::move(memory)), chip_(std::make_unique<OnChip>()) {}

  /// Runs all commands and writes the status block (cycles are 0). Throws std::runtime_error on a bad command.
  void run(const KernelArguments& arguments);

  const OnChip& chip() const { return *chip_; }

 private:
  void execute(const spec::Record& r);
  void load(const spec::Record& r);
  void gemm(const spec::Record& r);
  void norm(const spec::Record& r);
  void softmax(const spec::Record& r);
  void tclm(const spec::Record& r);
  void rope_table(const spec::Record& r);
  void load_residual(const spec::Record& r);
  void load_params(const spec::Record& r);
  void append_k(const spec::Record& r);
  void append_v(const spec::Record& r);
  void write_status();

  MemoryView memory_;
  std::unique_ptr<OnChip> chip_;
  KernelArguments arguments_;
};

}  // namespace squat::sim
