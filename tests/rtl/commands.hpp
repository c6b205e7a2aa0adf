// SPDX-License-Identifier: Apache-2.0
// Command records for RTL unit tests.
#pragma once

#include <array>
#include <cstdint>

#include "hw/gen/squat_spec.hpp"
#include "tests/oracle/crc32.hpp"

namespace squat::test {

struct Command {
  std::array<std::uint32_t, 16> words{};

  Command() = default;
  Command(std::uint32_t opcode, std::uint32_t unit) {
    set(spec::kCmdOpcode, opcode);
    set(spec::kCmdUnit, unit);
  }
  Command& set(spec::Field f, std::uint32_t value) {
    const std::uint32_t mask = (f.width == 32 ? 0xffffffffU : (1U << f.width) - 1U) << f.lsb;
    words[f.word] = (words[f.word] & ~mask) | ((value << f.lsb) & mask);
    return *this;
  }
  /// With its CRC, as fetched from memory.
  Command sealed() const {
    Command c = *this;
    c.set(spec::kCmdRecordCrc, 0);
    return c.set(spec::kCmdRecordCrc, oracle::crc32(c.words.data(), 64));
  }
  Command& wait(std::uint32_t load, std::uint32_t gemm, std::uint32_t vec, std::uint32_t io) {
    return set(spec::kCmdWaitLoad, load).set(spec::kCmdWaitGemm, gemm).set(spec::kCmdWaitVec, vec).set(spec::kCmdWaitIo, io);
  }
};

}  // namespace squat::test
