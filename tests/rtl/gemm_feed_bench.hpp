// SPDX-License-Identifier: Apache-2.0
// squat_weight_feed, loader and weight ring, between a memory model and a reader that knows every word.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
#include <random>

#include "Vsquat_weight_feed.h"
#include "hw/gen/squat_spec.hpp"
#include "tests/oracle/crc32.hpp"
#include "tests/oracle/memory_sum.hpp"
#include "tests/rtl/gemm_axi_memory.hpp"

namespace squat::test {

#ifdef SQUAT_FEED_BEAT_WORDS
inline constexpr std::uint32_t kBeatWords = SQUAT_FEED_BEAT_WORDS;  // -GBeatWords
#else
inline constexpr std::uint32_t kBeatWords = 1;
#endif
inline constexpr std::uint32_t kDepth = 256 * kBeatWords;  // -GRingDepth in gemm_feed.cmake
#ifdef SQUAT_FEED_BLOCKS
inline constexpr std::uint32_t kBlocks = SQUAT_FEED_BLOCKS;  // -GBlocks
#else
inline constexpr std::uint32_t kBlocks = 1;
#endif
inline constexpr std::uint32_t kUnits = 8192;  // of the weights; the cache follows

/// A load command by its fields.
struct Load {
  bool kv = false;
  std::uint32_t offset = 0, bank_stride = 0, tile_stride = 0, words = 1, tiles = 1;
  /// Checked against these sums; otherwise noise stands in their place.
  std::optional<std::array<std::uint32_t, 4>> crc = std::nullopt;
  std::uint32_t wide = 0;
  std::uint32_t summed = 0, turn = 0, positions = 0;
};

/// The unit with a memory on its ports, commands that wait, and a reader that compares every word.
struct FeedBench {
  Vsquat_weight_feed top;
  AxiMemory memory;
  std::mt19937 random;
  std::deque<Load> commands;  ///< not yet accepted
  std::deque<Load> loads;     ///< accepted, tiles not yet consumed
  double read_stall = 0.0, command_stall = 0.0;
  std::uint64_t cycles = 0, accepted = 0, done = 0, tiles_read = 0;
  int error = -1;
  std::uint32_t tile = 0, step = 0;
  std::uint64_t popped = 0;
  std::deque<std::uint64_t> totals;  ///< words per bank up to each accepted command

  explicit FeedBench(std::uint32_t seed) : memory(seed + 1, 16 * kBeatWords), random(seed) {
    memory.bytes.resize(16 * (kUnits * 2 + 64));
    for (auto& b : memory.bytes) b = static_cast<std::uint8_t>(random());
    for (unsigned p = 0; p < 4; ++p) {
      const std::uint64_t base = memory.base + 16 * kBeatWords * p;  // ports differ
      std::memcpy(&top.w_base_i[2 * p], &base, 8);
    }
    top.kv_base_i = memory.base + 16 * (kUnits + 16);
    top.weights_units_i = kUnits;
    top.kv_units_i = kUnits;
    top.cmd_valid_i = top.rd_en_i = top.pop_i = 0;
    top.need_i = 0;
    top.rst_ni = 0;
    for (int i = 0; i < 3; ++i) cycle();
    top.rst_ni = 1;
  }
  ~FeedBench() { top.final(); }

  bool chance(double p) { return p > 0.0 && std::uniform_real_distribution<double>(0.0, 1.0)(random) < p; }

  std::uint8_t* word(const Load& l, std::uint32_t t, unsigned slice, std::uint32_t i) {
    const std::uint64_t unit =
        std::uint64_t{l.offset} + std::uint64_t{slice} * l.bank_stride + std::uint64_t{t} * l.tile_stride + i;
    return memory.bytes.data() + 16 * (unit + (l.kv ? kUnits + 16 : (slice + t % (l.wide + 1)) % 4 * kBeatWords));
  }

  struct Expect {
    unsigned lane;
    unsigned half;
    std::uint8_t data[16];
  };
  std::multimap<std::uint64_t, Expect> expects;  ///< by cycle

  void drive_command() {
    if (top.cmd_valid_i) return;  // held until accepted
    if (commands.empty() || chance(command_stall)) return;
    const Load& l = commands.front();
    for (int i = 0; i < 16; ++i) top.cmd_i[i] = static_cast<std::uint32_t>(random());
    set_field(top.cmd_i, spec::kLoadBase, l.kv ? 1 : 0);
    set_field(top.cmd_i, spec::kLoadOffset, l.offset);
    set_field(top.cmd_i, spec::kLoadBankStride, l.bank_stride);
    set_field(top.cmd_i, spec::kLoadTileStride, l.tile_stride);
    set_field(top.cmd_i, spec::kLoadWords, l.words);
    set_field(top.cmd_i, spec::kLoadTiles, l.tiles);
    set_field(top.cmd_i, spec::kLoadChecked, l.crc ? 1 : 0);
    for (unsigned p = 0; p < 4 && l.crc; ++p) top.cmd_i[spec::kLoadCrc0.word + p] = (*l.crc)[p];
    set_field(top.cmd_i, spec::kLoadWide, l.wide);
    set_field(top.cmd_i, spec::kLoadSummed, l.summed);
    set_field(top.cmd_i, spec::kLoadTurn, l.turn);
    set_field(top.cmd_i, spec::kLoadPositions, l.positions);
    top.cmd_valid_i = 1;
  }

  /// Reads the tiles at the front of the ring that belong together in a random order of modes, each word of the first at least
  /// once, then pops them.
  void drive_read() {
    top.rd_en_i = top.pop_i = 0;
    if (loads.empty()) return;
    const Load& l = loads.front();
    const std::uint32_t count = std::min(l.wide + 1, std::max(l.tiles, 1U) - tile);
    top.need_i = static_cast<std::uint16_t>(count * l.words);
    top.clk_i = 0;
    top.eval();
    bool complete = true;
    for (unsigned p = 0; p < 4; ++p) complete = complete && memory.beats[p] >= popped + count * l.words;
    REQUIRE((top.ready_o != 0) == complete);
    if (!top.ready_o || chance(read_stall)) return;
    if (kBeatWords > 1) return walk_rows(l, count);
    const bool w8 = random() % 2 != 0, banded = step % 2 == 0;
    const std::uint32_t columns = w8 ? l.words / 2 : l.words;
    if (columns != 0) {
      // The first rounds walk through all words banded, the rest are random.
      const std::uint32_t column = banded && step / 2 < l.words ? std::min(step / 2 / (w8 ? 2 : 1), columns - 1)
                                                                : static_cast<std::uint32_t>(random()) % columns;
      const unsigned bank = banded ? 0U : random() & 3U;
      const std::uint32_t tiles = banded ? 1 : 1 + static_cast<std::uint32_t>(random()) % count;
      top.rd_en_i = 1;
      top.rd_banded_i = banded;
      top.rd_bank_i = bank & 3U;
      top.rd_w8_i = w8;
      top.rd_offset_i = column & 255U;
      top.rd_wide_i = (tiles - 1) & 3U;
      top.rd_words_i = l.words & 255U;
      top.rd_words3_i = 3 * l.words & 255U;
      for (unsigned lane = 0; lane < (banded ? 4U : tiles); ++lane) {
        for (unsigned half = 0; half < (w8 ? 2U : 1U); ++half) {
          Expect e{lane, half, {}};
          std::memcpy(e.data, word(l, tile + (banded ? 0 : lane), banded ? lane : bank, w8 ? 2 * column + half : column), 16);
          expects.emplace(cycles + 2, e);
        }
      }
    }
    if (++step >= 2 * l.words && (columns != 0 || l.words == 1)) pop(l, count);
  }

  /// Drops the tiles that were read together.
  void pop(const Load& l, std::uint32_t count) {
    step = 0;
    top.pop_i = 1;
    top.pop_words_i = static_cast<std::uint16_t>(count * l.words);
    popped += count * l.words;
    tiles_read += count;
    tile += count;
    if (tile == l.tiles) {
      tile = 0;
      loads.pop_front();
    }
  }

  struct Walk {
    bool banded = false, w8 = false;
    unsigned bank = 0;
    std::uint32_t tiles = 1, column = 0;
  } walk;

  /// Rows are read column after column: once through the tiles banded, once not, in either mode; then they are dropped with the
  /// last read.
  void walk_rows(const Load& l, std::uint32_t count) {
    if (walk.column == 0) {
      walk.banded = step == 0;
      walk.w8 = random() % 2 != 0;
      walk.bank = walk.banded ? 0 : random() & 3U;
      walk.tiles = 1 + static_cast<std::uint32_t>(random()) % (walk.banded && walk.w8 ? std::min(count, 2U) : count);
    }
    const std::uint32_t columns = walk.w8 ? l.words / 2 : l.words;
    if (columns == 0) return;  // a command that must be refused
    top.rd_en_i = 1;
    top.rd_banded_i = walk.banded;
    top.rd_bank_i = walk.bank & 3U;
    top.rd_w8_i = walk.w8;
    top.rd_offset_i = walk.column & (kDepth - 1);
    top.rd_wide_i = (walk.tiles - 1) & 3U;
    top.rd_words_i = l.words & (kDepth - 1);
    top.rd_words3_i = 3 * l.words & (kDepth - 1);
    for (unsigned block = 0; block < walk.tiles; ++block) {
      for (unsigned lane = 0; lane < (walk.banded ? 4U : 1U); ++lane) {
        // The loader put slice s of tile t into bank s + t % (wide + 1); a walk that is not banded finds it there.
        const unsigned slice = walk.banded ? (lane + 4 - (tile + block) % (l.wide + 1)) % 4 : walk.bank;
        for (unsigned half = 0; half < (walk.w8 ? 2U : 1U); ++half) {
          Expect e{4 * block + lane, half, {}};
          std::memcpy(e.data, word(l, tile + block, slice, walk.w8 ? 2 * walk.column + half : walk.column), 16);
          expects.emplace(cycles + 2 + block, e);
        }
      }
    }
    if (++walk.column < columns) return;
    walk.column = 0;
    if (++step == 2) pop(l, count);
  }

  void cycle() {
    memory.drive(top);
    if (top.rst_ni) {
      drive_command();
      drive_read();
    }
    top.clk_i = 0;
    top.eval();
    memory.observe(top);
    // Space: what was asked for and not popped fits.
    for (unsigned p = 0; p < 4; ++p) REQUIRE(memory.requested[p] <= popped + kDepth);
    const bool accept = top.cmd_valid_i && top.cmd_ready_o;
    if (top.rst_ni && top.done_o) {
      REQUIRE(done < accepted);
      const std::uint64_t need = totals[done++];
      for (unsigned p = 0; p < 4; ++p) REQUIRE(memory.beats[p] >= need);
    }
    if (top.rst_ni && top.err_valid_o) {
      REQUIRE(error == -1);
      error = top.err_code_o;
    }
    top.clk_i = 1;
    top.eval();
    ++cycles;
    if (accept) {
      const Load l = commands.front();
      commands.pop_front();
      top.cmd_valid_i = 0;
      ++accepted;
      loads.push_back(l);
      totals.push_back((totals.empty() ? 0 : totals.back()) + std::uint64_t{l.words} * l.tiles);
    }
    while (!expects.empty() && expects.begin()->first == cycles) {
      const Expect& e = expects.begin()->second;
      REQUIRE(std::memcmp(reinterpret_cast<const std::uint8_t*>(&top.rd_data_o) + 32 * e.lane + 16 * e.half, e.data, 16) == 0);
      expects.erase(expects.begin());
    }
  }

  void run(std::uint64_t limit) {
    while ((!commands.empty() || !loads.empty() || done < accepted) && error == -1) {
      cycle();
      REQUIRE(cycles < limit);
    }
    for (int i = 0; i < 4; ++i) cycle();
  }

  Load random_load() {
    Load l;
    l.kv = random() % 3 == 0;
    l.words = kBeatWords * (1 + static_cast<std::uint32_t>(random()) % (random() % 4 == 0 ? kDepth / kBeatWords : 80));
    l.tiles = 1 + static_cast<std::uint32_t>(random()) % 5;
    l.wide = std::min({static_cast<std::uint32_t>(random()) % kBlocks, l.tiles - 1, kDepth / l.words - 1});
    l.tile_stride = random() % 2 ? l.words : static_cast<std::uint32_t>(random()) % 600 / kBeatWords * kBeatWords;
    l.bank_stride = static_cast<std::uint32_t>(random()) % 1000 / kBeatWords * kBeatWords;
    const std::uint32_t span = (l.tiles - 1) * l.tile_stride + 3 * l.bank_stride + l.words;
    l.offset = random() % 3 ? static_cast<std::uint32_t>(random()) % (kUnits - span) / kBeatWords * kBeatWords
                            : kUnits - span;  // one in three ends at the limit
    if (random() % 2 != 0) l.crc = sums(l);
    l.summed = static_cast<std::uint32_t>(random()) % 3;
    l.turn = static_cast<std::uint32_t>(random()) % 8;
    l.positions = static_cast<std::uint32_t>(random()) % 200;
    return l;
  }

  /// What the load adds to the sum of the cache: a word of keys holds 16 positions of its tile's 32, two words of values one
  /// position.
  std::uint32_t cache_sum(const Load& l) {
    std::uint32_t sum = 0;
    for (std::uint32_t t = 0; t < l.tiles && l.summed != 0; ++t) {
      for (unsigned slice = 0; slice < 4; ++slice) {
        for (std::uint32_t i = 0; i < l.words; ++i) {
          const std::uint32_t unit = slice * l.bank_stride + i;
          for (unsigned byte = 0; byte < 16; ++byte) {
            const std::uint32_t position = l.summed == 1 ? 32 * t + 16 * (unit % 2) + byte : unit / 2;
            if (position < l.positions) sum ^= oracle::memory_sum(word(l, t, slice, i)[byte], byte, unit + l.turn);
          }
        }
      }
    }
    return sum;
  }

  /// What the memory holds now.
  std::array<std::uint32_t, 4> sums(const Load& l) {
    std::array<std::uint32_t, 4> result{};
    for (unsigned bank = 0; bank < 4; ++bank) {
      for (std::uint32_t t = 0; t < l.tiles; ++t)
        result[bank] ^= oracle::crc32(word(l, t, (bank + 4 - t % (l.wide + 1)) % 4, 0), std::size_t{16} * l.words);
    }
    return result;
  }
};

}  // namespace squat::test
