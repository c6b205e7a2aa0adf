// SPDX-License-Identifier: Apache-2.0
#include "host/cli/profile.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "host/cli/work.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::cli {
namespace {

using engine::CommandProfile;
using engine::PassProfile;
using engine::Role;
using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 4> kUnitNames = {"load", "gemm", "vec", "io"};

/// Cycles in which a command occupies the array: from its first step to its last, stalls and gaps between them included.
std::uint64_t occupied(const CommandProfile& c) { return c.unit == spec::kUnitGemm ? std::uint64_t{c.last} - c.first + 1 : 0; }

/// Sums over commands, and the span from the first start to the last end of those of one layer of one pass.
struct Sum {
  std::uint64_t commands = 0, cycles = 0, array = 0, weight_stall = 0, drain_stall = 0, read_beats = 0, write_beats = 0;
  std::uint64_t eight = 0, four = 0;
  std::array<std::uint64_t, 4> busy{};
  double needed = 0;  ///< array cycles that the products of linear layers need at least

  void add(const CommandProfile& c) {
    ++commands;
    busy[c.unit] += c.busy;
    array += occupied(c);
    weight_stall += c.weight_stall;
    drain_stall += c.drain_stall;
    read_beats += c.read_beats;
    write_beats += c.write_beats;
    eight += c.eight_tokens;
    four += c.four_tokens;
  }

  void columns(Json& row) const {
    row["commands"] = commands;
    row["cycles"] = cycles;
    for (std::size_t u = 0; u < busy.size(); ++u) row[std::string(kUnitNames[u]) + "_busy"] = busy[u];
    row["weight_stall"] = weight_stall;
    row["drain_stall"] = drain_stall;
    row["read_beats"] = read_beats;
    row["write_beats"] = write_beats;
    row["eight_tokens"] = eight;
    row["four_tokens"] = four;
  }
};

/// Sums by `key` of a place, spans by key and layer within a pass.
template <typename Key>
std::map<int, Sum> sums_by(const std::vector<PassProfile>& passes, const Key& key) {
  std::map<int, Sum> sums;
  for (const PassProfile& pass : passes) {
    std::map<std::pair<int, int>, std::pair<std::uint32_t, std::uint32_t>> spans;
    for (const CommandProfile& c : pass.commands) {
      sums[key(c.place)].add(c);
      const auto [at, fresh] = spans.try_emplace({key(c.place), c.place.layer}, c.start, c.end);
      at->second = {std::min(at->second.first, c.start), std::max(at->second.second, c.end)};
    }
    for (const auto& [where, span] : spans) sums[where.first].cycles += span.second - span.first;
  }
  return sums;
}

double needed_cycles(const model::IntegerModel& m, int cells, const PassProfile& pass, int layer, Role role) {
  return ideal_mac_cycles(linear_work(m, layer, role, pass.tokens, pass.eight_tokens_per_layer), cells);
}

std::map<int, Sum> sums_by_role(const model::IntegerModel& m, const ProfiledPhase& phase) {
  std::map<int, Sum> sums = sums_by(phase.passes, [](const engine::Place& place) { return static_cast<int>(place.role); });
  for (auto& [role, sum] : sums) {
    if (!engine::is_linear(static_cast<Role>(role))) continue;
    for (const PassProfile& pass : phase.passes) {
      for (int l = 0; l < m.config.layers; ++l) sum.needed += needed_cycles(m, phase.cells, pass, l, static_cast<Role>(role));
    }
  }
  return sums;
}

/// What the tables' terms mean.
Json profile_definition() {
  return {
      {"cycles", "of a row: from the first start to the last end of its commands in a layer, summed over layers and passes"},
      {"busy",
       "gemm: cycles in which the array multiplied; load: cycles in which ring bank 0 took a word; vec: cycles between "
       "acceptance and done in which no memory refused the unit; io: those in which it did not wait for a memory or for AXI"},
      {"mac_use",
       "products the linear layers need / what the array could do in array_cycles, those from a gemm command's first step to "
       "its last; linear layers: q, k, v, o, gate and up, down, without the head"},
      {"mac_use_least", "mac_use with all stalls added to array_cycles: those before a first step, and those after it twice"}};
}

}  // namespace

Json linear_table(const model::IntegerModel& m, const std::vector<ProfiledPhase>& phases) {
  Json rows = Json::array();
  for (const ProfiledPhase& phase : phases) {
    Sum all;
    for (const auto& [role, sum] : sums_by_role(m, phase)) {
      if (!engine::is_linear(static_cast<Role>(role))) continue;
      all.needed += sum.needed;
      all.array += sum.array;
      all.busy[spec::kUnitGemm] += sum.busy[spec::kUnitGemm];
      all.weight_stall += sum.weight_stall;
      all.drain_stall += sum.drain_stall;
    }
    rows.push_back({{"device", phase.device},
                    {"phase", phase.phase},
                    {"needed_cycles", all.needed},
                    {"array_cycles", all.array},
                    {"mac_use", all.needed / static_cast<double>(all.array)},
                    {"mac_use_least", all.needed / static_cast<double>(all.array + all.weight_stall + all.drain_stall)},
                    {"mac_steps", all.busy[spec::kUnitGemm]},
                    {"weight_stall", all.weight_stall},
                    {"drain_stall", all.drain_stall}});
  }
  return rows;
}

Json role_table(const model::IntegerModel& m, const std::vector<ProfiledPhase>& phases) {
  Json rows = Json::array();
  for (const ProfiledPhase& phase : phases) {
    for (const auto& [role, sum] : sums_by_role(m, phase)) {
      Json row = {{"device", phase.device}, {"phase", phase.phase}, {"role", engine::role_name(static_cast<Role>(role))}};
      sum.columns(row);
      row["array_cycles"] = sum.array;
      row["mac_use"] = sum.needed > 0 ? Json(sum.needed / static_cast<double>(sum.array)) : Json();
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Json layer_table(const std::vector<ProfiledPhase>& phases) {
  Json rows = Json::array();
  for (const ProfiledPhase& phase : phases) {
    for (const auto& [layer, sum] : sums_by(phase.passes, [](const engine::Place& place) { return place.layer; })) {
      Json row = {{"device", phase.device}, {"phase", phase.phase}, {"layer", layer < 0 ? Json() : Json(layer)}};
      sum.columns(row);
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

Json command_table(const std::vector<ProfiledPhase>& phases) {
  Json rows = Json::array();
  for (const ProfiledPhase& phase : phases) {
    for (std::size_t p = 0; p < phase.passes.size(); ++p) {
      const PassProfile& pass = phase.passes[p];
      for (std::size_t i = 0; i < pass.commands.size(); ++i) {
        const CommandProfile& c = pass.commands[i];
        rows.push_back({{"device", phase.device},
                        {"phase", phase.phase},
                        {"pass", p},
                        {"command", i},
                        {"layer", c.place.layer < 0 ? Json() : Json(c.place.layer)},
                        {"role", engine::role_name(c.place.role)},
                        {"head", c.place.head < 0 ? Json() : Json(c.place.head)},
                        {"unit", kUnitNames[c.unit]},
                        {"opcode", c.opcode},
                        {"start", c.start},
                        {"end", c.end},
                        {"busy", c.busy},
                        {"first", c.first},
                        {"last", c.last},
                        {"weight_stall", c.weight_stall},
                        {"drain_stall", c.drain_stall},
                        {"read_beats", c.read_beats},
                        {"write_beats", c.write_beats},
                        {"eight_tokens", c.eight_tokens},
                        {"four_tokens", c.four_tokens}});
      }
    }
  }
  return rows;
}

std::function<void(const std::string& phase, const engine::PassResult& result)> gather_profile(
    std::vector<ProfiledPhase>& phases, const OpenDevice& opened) {
  return [&phases, device = opened.device->name(), cells = opened.limits.cells()](const std::string& phase,
                                                                                  const engine::PassResult& result) {
    if (phases.empty() || phases.back().device != device || phases.back().phase != phase) {
      phases.push_back({device, phase, cells, {}});
    }
    auto& passes = phases.back().passes;
    passes.insert(passes.end(), result.profiles.begin(), result.profiles.end());
  };
}

void add_profile(Json& object, const model::IntegerModel& m, const std::vector<ProfiledPhase>& phases, bool commands) {
  object["definition"]["profile"] = profile_definition();
  object["linear"] = linear_table(m, phases);
  object["roles"] = role_table(m, phases);
  object["layers"] = layer_table(phases);
  if (commands) object["commands"] = command_table(phases);
}

}  // namespace squat::cli
