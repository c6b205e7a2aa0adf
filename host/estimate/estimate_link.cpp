// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/estimate_link.hpp"

#include <array>
#include <cstring>

#include "hls/token_control.hpp"
#include "host/estimate/io.hpp"
#include "host/model/code_memory.hpp"
#include "host/model/error.hpp"

namespace squat::estimate {
namespace {

constexpr std::size_t kStatusBytes = 1024;

template <std::size_t N, typename T>
void store(std::uint8_t* at, const std::array<T, N>& words) {
  std::memcpy(at, words.data(), sizeof(T) * N);
}

/// 16-byte beats that a command reads and writes.
struct Beats {
  std::uint32_t read = 0, write = 0;
};

Beats beats_of(const spec::Record& r) {
  switch (spec::get(r, spec::kCmdOpcode)) {
    case spec::kOpLoad:
      return {4 * spec::get(r, spec::kLoadWords) * spec::get(r, spec::kLoadTiles), 0};
    case spec::kOpGemm:  // a tile of 32 int32 logits: 8 beats
      if (spec::get(r, spec::kGemmPost) != spec::kPostLogits) return {};
      return {0, 8 * spec::get(r, spec::kGemmTiles) * spec::get(r, spec::kGemmTokens)};
    case spec::kOpLoadResidual:
    case spec::kOpLoadParams:
      return {load_beats(r), 0};
    case spec::kOpAppendK:
    case spec::kOpAppendV: {
      const AppendRanges ranges = append_ranges(r);
      return {0, ranges.heads * ranges.inner * ranges.beats};
    }
    default:
      return {};
  }
}

/// The record an accelerator writes of a command; cycles modulo 2^32.
spec::Record profile_record(const spec::Record& command, std::size_t index, unsigned eight, const CommandTimes& t) {
  spec::Record r{};
  const auto put = [&r](spec::Field field, std::uint64_t value) { spec::put(r, field, static_cast<std::uint32_t>(value)); };
  put(spec::kProfileIndex, index);
  put(spec::kProfileOpcode, spec::get(command, spec::kCmdOpcode));
  put(spec::kProfileUnit, spec::get(command, spec::kCmdUnit));
  put(spec::kProfileStart, t.start);
  put(spec::kProfileEnd, t.end);
  put(spec::kProfileBusy, t.busy);
  put(spec::kProfileWeightStall, t.weight_stall);
  put(spec::kProfileDrainStall, t.drain_stall);
  put(spec::kProfileReadBeats, beats_of(command).read);
  put(spec::kProfileWriteBeats, beats_of(command).write);
  if (spec::get(command, spec::kCmdOpcode) == spec::kOpTclm && spec::get(command, spec::kTclmCount) != 0) {
    put(spec::kProfileEightTokens, eight);
    put(spec::kProfileFourTokens, spec::get(command, spec::kTclmTokens) - eight);
  }
  put(spec::kProfileFirst, t.first);
  put(spec::kProfileLast, t.last);
  return r;
}

}  // namespace

std::vector<unsigned> table_widths(const std::vector<spec::Record>& records) {
  std::vector<unsigned> widths(records.size(), 0);
  const std::array<std::uint32_t, hls::kMaxChunk> scores{};
  std::array<std::uint8_t, hls::kMaxChunk> eight{};
  for (std::size_t i = 0; i < records.size(); ++i) {
    const spec::Record& r = records[i];
    if (spec::get(r, spec::kCmdOpcode) != spec::kOpTclm) continue;
    const hls::WidthParams params{static_cast<hls::WidthRule>(spec::get(r, spec::kTclmRule)), spec::get(r, spec::kTclmRhoNum),
                                  0, spec::get(r, spec::kTclmSeed), spec::get(r, spec::kTclmLayer)};
    const std::uint32_t before = spec::get(r, spec::kTclmEightBefore);
    widths[i] = hls::assign_widths(params, scores.data(), static_cast<int>(spec::get(r, spec::kTclmTokens)),
                                   spec::get(r, spec::kTclmFirstPosition), before, eight.data()) -
                before;
  }
  return widths;
}

void EstimateLink::prepare(const engine::BufferSizes& sizes, const WriteWeights& write) {
  model::WeightBytes weights(std::size_t{sizes.weight_units} * 16);
  write(weights.data());  // for the checksums in the commands
  io_.assign(std::size_t{sizes.io_units} * 16, 0);
}

const std::uint8_t* EstimateLink::read_cache(engine::ByteRange) {
  throw usage_error("--device estimate predicts cycles only and has no key-value cache; use cpu, ref or sim");
}

void EstimateLink::run(const engine::KernelStart& start) {
  const std::vector<spec::Record>& records = *start.commands;
  const std::vector<unsigned> widths = table_widths(records);
  const PassTimes times = time_pass(records, widths, ddr_, limits_, start.profile);
  const engine::DeviceCounters& c = times.counters;
  std::uint8_t* block = io_.data() + std::size_t{start.io_units} * 16 - kStatusBytes;
  std::memset(block, 0, kStatusBytes);
  store(block, std::array<std::uint32_t, 4>{0, 0xffffffffU, static_cast<std::uint32_t>(records.size()), 0});
  store(block + 16,
        std::array<std::uint64_t, 6>{c.cycles, c.mac_steps, c.read_beats, c.write_beats, c.weight_stall, c.drain_stall});
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (spec::get(records[i], spec::kCmdOpcode) != spec::kOpTclm || spec::get(records[i], spec::kTclmCount) == 0) continue;
    const std::array<std::uint32_t, 1> total{spec::get(records[i], spec::kTclmEightBefore) + widths[i]};
    store(block + 256 + std::size_t{4} * spec::get(records[i], spec::kTclmLayer), total);
  }
  if (start.profile == 0) return;
  for (std::size_t i = 0; i < records.size(); ++i) {
    store(io_.data() + std::size_t{start.profile} * 16 + 64 * i, profile_record(records[i], i, widths[i], times.commands[i]));
  }
}

}  // namespace squat::estimate
