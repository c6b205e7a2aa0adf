// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/functional_kernel.hpp"

#include <cstring>
#include <stdexcept>
#include <string>

namespace squat::sim {

void FunctionalKernel::run(const KernelArguments& arguments) {
  arguments_ = arguments;
  for (std::uint32_t i = 0; i < arguments.cmd_count; ++i) {
    spec::Record record;
    std::memcpy(record.data(), memory_(arguments.cmd + std::uint64_t{i} * 64, 64), 64);
    execute(record);
  }
  for (const auto& bank : chip_->ring) {
    if (!bank.empty()) throw std::runtime_error("functional kernel: weights left in the ring at the end of the run");
  }
  write_status();
}

void FunctionalKernel::execute(const spec::Record& r) {
  switch (spec::get(r, spec::kCmdOpcode)) {
    case spec::kOpLoad:
      return load(r);
    case spec::kOpGemm:
      return gemm(r);
    case spec::kOpNorm:
      return norm(r);
    case spec::kOpSoftmax:
      return softmax(r);
    case spec::kOpTclm:
      return tclm(r);
    case spec::kOpRopeTable:
      return rope_table(r);
    case spec::kOpLoadResidual:
      return load_residual(r);
    case spec::kOpLoadParams:
      return load_params(r);
    case spec::kOpAppendK:
      return append_k(r);
    case spec::kOpAppendV:
      return append_v(r);
    default:
      throw std::runtime_error("functional kernel: unknown opcode " + std::to_string(spec::get(r, spec::kCmdOpcode)));
  }
}

void FunctionalKernel::load(const spec::Record& r) {
  const bool kv = spec::get(r, spec::kLoadBase) != 0;
  const std::uint32_t words = spec::get(r, spec::kLoadWords);
  for (std::uint32_t tile = 0; tile < spec::get(r, spec::kLoadTiles); ++tile) {
    for (std::uint32_t bank = 0; bank < 4; ++bank) {
      const std::uint64_t unit = std::uint64_t{spec::get(r, spec::kLoadOffset)} +
                                 std::uint64_t{bank} * spec::get(r, spec::kLoadBankStride) +
                                 std::uint64_t{tile} * spec::get(r, spec::kLoadTileStride);
      const std::uint8_t* source =
          memory_((kv ? arguments_.kv : arguments_.weights[bank]) + unit * 16, std::size_t{words} * 16);
      for (std::uint32_t i = 0; i < words; ++i) {
        RingWord word;
        std::memcpy(word.data(), source + std::size_t{i} * 16, 16);
        chip_->ring[bank].push_back(word);
      }
    }
  }
}

void FunctionalKernel::write_status() {
  std::uint8_t* block = memory_(arguments_.io + (std::uint64_t{arguments_.io_units} - 64) * 16, 1024);
  std::memset(block, 0, 1024);
  const std::uint32_t done = arguments_.cmd_count;
  std::memcpy(block + 8, &done, 4);
  std::memcpy(block + 256, chip_->eight_total.data(), sizeof(chip_->eight_total));
}

}  // namespace squat::sim
