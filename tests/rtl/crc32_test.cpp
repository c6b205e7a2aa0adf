// SPDX-License-Identifier: Apache-2.0
// squat_crc32 against polynomial division bit by bit, with pauses between beats and one run right behind the other.
// SQUAT_CRC_WORDS: 16-byte words of a beat.
#include "tests/oracle/crc32.hpp"

#include <array>
#include <cstring>
#include <random>
#include <vector>

#include "Vsquat_crc32.h"
#include "tests/catch.hpp"

namespace {

#ifdef SQUAT_CRC_WORDS
constexpr std::size_t kBeat = 16 * SQUAT_CRC_WORDS;
#else
constexpr std::size_t kBeat = 16;
#endif

struct Bench {
  Vsquat_crc32 dut;

  void clock(bool valid, bool first, const std::uint8_t* beat) {
    dut.clk_i = 0;
    dut.valid_i = valid;
    dut.first_i = first;
    std::array<std::uint32_t, kBeat / 4> words{};
    std::memcpy(words.data(), beat, kBeat);
    for (std::size_t i = 0; i < words.size(); ++i) dut.data_i[i] = words[i];
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  }
  std::uint32_t run(const std::vector<std::uint8_t>& bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += kBeat) clock(true, at == 0, bytes.data() + at);
    return dut.crc_o;
  }
};

std::vector<std::uint8_t> random_bytes(std::mt19937& random, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(random());
  return bytes;
}

}  // namespace

TEST_CASE("the published check value and those of zeros") {
  REQUIRE(squat::oracle::crc32("123456789", 9) == 0xcbf43926U);
  Bench b;
  std::string text = "The quick brown fox jumps over the lazy dog.....";  // three beats
  while (text.size() % kBeat != 0) text += '.';
  REQUIRE(b.run({text.begin(), text.end()}) == squat::oracle::crc32(text.data(), text.size()));
  // Of 32 and of 64 zero bytes, as every CRC-32 calculator says.
  if (kBeat == 16) REQUIRE(b.run(std::vector<std::uint8_t>(32, 0)) == 0x190a55adU);
  REQUIRE(b.run(std::vector<std::uint8_t>(64, 0)) == 0x758d6336U);
}

TEST_CASE("runs of any length, with pauses") {
  std::mt19937 random(7);
  Bench b;
  const std::vector<std::uint8_t> noise = random_bytes(random, kBeat);
  for (int run = 0; run < 400; ++run) {
    const std::vector<std::uint8_t> bytes = random_bytes(random, kBeat * (1 + random() % 40));
    for (std::size_t at = 0; at < bytes.size(); at += kBeat) {
      while (run % 2 != 0 && random() % 3 == 0) b.clock(false, random() % 2 != 0, noise.data());
      b.clock(true, at == 0, bytes.data() + at);
      REQUIRE(b.dut.crc_o == squat::oracle::crc32(bytes.data(), at + kBeat));
    }
  }
}

TEST_CASE("every single bit of two beats changes the sum") {
  std::mt19937 random(8);
  Bench b;
  std::vector<std::uint8_t> bytes = random_bytes(random, 2 * kBeat);
  const std::uint32_t good = b.run(bytes);
  for (unsigned bit = 0; bit < 16 * kBeat; ++bit) {
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
    REQUIRE(b.run(bytes) != good);
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
  }
}
