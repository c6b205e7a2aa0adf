// SPDX-License-Identifier: Apache-2.0
// What a phase takes at least on a device: its products at the device's best rate, or its bytes at the memory's.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "host/cli/devices.hpp"
#include "host/cli/work.hpp"

namespace squat::cli {

/// Least times of some work in milliseconds.
struct Limit {
  double memory_ms = 0, compute_ms = 0;
};

/// `work` is that of `passes` equal passes.
using LimitFunction = std::function<Limit(const Work& work, int passes)>;

/// Of the opened device; empty for devices without a known limit (ref). Accelerators: all bytes of the ports for weights and
/// all cells' products in every cycle. cpu: measured here and now (cpu_roof.hpp), for a model with these bits of weights.
LimitFunction limit_of(const OpenDevice& opened, const CommonOptions& common);
/// Of this machine's processor with FP16 weights.
LimitFunction half_limit(const CommonOptions& common);

/// Adds "tokens_per_second", "bytes_per_token", "macs_per_token" and, with a limit, "limit" ("memory", "compute"),
/// "limit_ms_per_token", "limit_share" (of the limit reached: 1 = it takes no longer than that) and the two rates behind it,
/// "memory_gb_per_s" and "compute_gmac_per_s" (for this mix of widths), to a row of `tokens` tokens
/// with "ms_per_token"; "first_token_ms" to a row of a prompt.
void add_roofline(nlohmann::ordered_json& row, const Work& work, int passes, int tokens, const LimitFunction& limit);

}  // namespace squat::cli
