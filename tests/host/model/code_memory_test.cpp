// SPDX-License-Identifier: Apache-2.0
// Blocks of every size class, taken and given back on several threads, do not overlap and keep what was written to them.
#include "host/model/code_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <future>
#include <random>
#include <vector>

#include "host/model/crc32.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/crc32.hpp"

using namespace squat;

namespace {

struct Block {
  std::uint8_t* at;
  std::size_t bytes;
  std::uint8_t mark;
};

bool holds(const Block& block) {
  return std::all_of(block.at, block.at + block.bytes, [&](std::uint8_t byte) { return byte == block.mark; });
}

/// How many of the blocks were found changed or not aligned.
int misuse(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Block> blocks;
  int wrong = 0;
  const auto give = [&](std::size_t which) {
    if (!holds(blocks[which])) ++wrong;
    model::give_code_memory(blocks[which].at, blocks[which].bytes);
    blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(which));
  };
  for (int step = 0; step < 300; ++step) {
    // Small, of a slab, of their own, in about the shares of a model.
    const std::size_t largest = step % 50 == 0  ? std::size_t{5} << 20
                                : step % 3 == 0 ? std::size_t{1} << 12
                                                : std::size_t{1} << 18;
    const std::size_t bytes = 1 + random() % largest;
    blocks.push_back({static_cast<std::uint8_t*>(model::take_code_memory(bytes)), bytes, static_cast<std::uint8_t>(random())});
    std::fill_n(blocks.back().at, bytes, blocks.back().mark);
    if (reinterpret_cast<std::uintptr_t>(blocks.back().at) % alignof(std::max_align_t) != 0) ++wrong;
    while (blocks.size() > 100 || (!blocks.empty() && random() % 3 == 0)) give(random() % blocks.size());
  }
  while (!blocks.empty()) give(0);
  return wrong;
}

}  // namespace

TEST_CASE("blocks of code memory are apart and keep their bytes") {
  std::future<int> beside = std::async(std::launch::async, misuse, 1);
  CHECK(misuse(2) == 0);
  CHECK(beside.get() == 0);
}

TEST_CASE("vectors of codes grow, shrink and compare as others do") {
  model::WeightCodes codes;
  std::vector<std::int8_t> same;
  for (int i = 0; i < 70000; ++i) {
    codes.push_back(static_cast<std::int8_t>(i * 7));
    same.push_back(static_cast<std::int8_t>(i * 7));
  }
  CHECK(std::equal(codes.begin(), codes.end(), same.begin(), same.end()));
  model::WeightCodes copy = codes;
  CHECK(copy == codes);
  copy.resize(3);
  CHECK(copy == model::WeightCodes{0, 7, 14});
  copy = std::move(codes);
  CHECK(copy.size() == same.size());
}

TEST_CASE("the CRC-32 of any part, length and place is that of its definition") {
  std::vector<std::uint8_t> bytes(1500);
  std::mt19937 random(3);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  for (std::size_t size = 0; size < 1400; size += size < 80 ? 1 : 131) {
    const std::size_t first = random() % 100, cut = size == 0 ? 0 : random() % size;
    const std::uint8_t* at = bytes.data() + first;
    const std::uint32_t expected = oracle::crc32(at, size);
    CHECK(model::crc32(at, size) == expected);
    CHECK(model::crc32(at + cut, size - cut, model::crc32(at, cut)) == expected);
  }
  CHECK(model::crc32(nullptr, 0, 0x12345678) == 0x12345678);
}
