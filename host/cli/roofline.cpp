// SPDX-License-Identifier: Apache-2.0
#include "host/cli/roofline.hpp"

#include <algorithm>
#include <memory>

#include "host/cli/cpu_roof.hpp"

namespace squat::cli {

LimitFunction limit_of(const OpenDevice& opened, const CommonOptions& common) {
  if (opened.clock_mhz > 0) {
    return [cells = opened.limits.cells(), bytes = opened.limits.bytes_per_cycle(), per_ms = opened.clock_mhz * 1e3](
               const Work& work, int) {
      return Limit{ideal_memory_cycles(work, bytes) / per_ms, ideal_mac_cycles(work, cells) / per_ms};
    };
  }
  if (opened.device->name() != "cpu") return {};
  const auto roof = std::make_shared<CpuRoof>(common.kernel, common.threads);
  return [roof, bits = opened.device->model().weight_bits](const Work& work, int passes) {
    const double compute =
        work.macs8 / roof->macs_per_ms(bits, false) + (work.macs4 > 0 ? work.macs4 / roof->macs_per_ms(bits, true) : 0.0);
    return Limit{passes * roof->read_ms(work.bytes / passes), compute};
  };
}

LimitFunction half_limit(const CommonOptions& common) {
  const auto roof = std::make_shared<CpuRoof>(common.kernel, common.threads);
  return [roof, rate = roof->half_macs_per_ms()](const Work& work, int passes) {
    return Limit{passes * roof->read_ms(work.bytes / passes), (work.macs8 + work.macs4) / rate};
  };
}

void add_roofline(nlohmann::ordered_json& row, const Work& work, int passes, int tokens, const LimitFunction& limit) {
  const double ms = row["ms_per_token"].get<double>();
  if (row["phase"] == "prefill") row["first_token_ms"] = ms * tokens;
  row["tokens_per_second"] = ms > 0 ? nlohmann::ordered_json(1e3 / ms) : nlohmann::ordered_json();
  row["bytes_per_token"] = work.bytes / tokens;
  row["macs_per_token"] = (work.macs8 + work.macs4) / tokens;
  if (!limit) return;
  const Limit least = limit(work, passes);
  const double least_ms = std::max(least.memory_ms, least.compute_ms) / tokens;
  row["limit"] = least.memory_ms > least.compute_ms ? "memory" : "compute";
  row["limit_ms_per_token"] = least_ms;
  row["limit_share"] = ms > 0 ? nlohmann::ordered_json(least_ms / ms) : nlohmann::ordered_json();
  row["memory_gb_per_s"] = work.bytes / (least.memory_ms * 1e6);
  row["compute_gmac_per_s"] = (work.macs8 + work.macs4) / (least.compute_ms * 1e6);
}

}  // namespace squat::cli
