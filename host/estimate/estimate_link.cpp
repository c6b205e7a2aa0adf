// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/estimate_link.hpp"

#include <array>
#include <cstring>

#include "hls/token_control.hpp"
#include "host/model/error.hpp"

namespace squat::estimate {
namespace {

constexpr std::size_t kStatusBytes = 1024;

template <std::size_t N, typename T>
void store(std::uint8_t* at, const std::array<T, N>& words) {
  std::memcpy(at, words.data(), sizeof(T) * N);
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

void EstimateLink::prepare(const engine::BufferSizes& sizes, const std::vector<std::uint8_t>&) {
  io_.assign(std::size_t{sizes.io_units} * 16, 0);
}

const std::uint8_t* EstimateLink::read_cache(engine::ByteRange) {
  throw usage_error("--device estimate predicts cycles only and has no key-value cache; use cpu, ref or sim");
}

void EstimateLink::run(const engine::KernelStart& start) {
  const std::vector<spec::Record>& records = *start.commands;
  const std::vector<unsigned> widths = table_widths(records);
  const engine::DeviceCounters c = time_pass(records, widths, ddr_, limits()).counters;
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
}

}  // namespace squat::estimate
