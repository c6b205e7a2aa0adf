// SPDX-License-Identifier: Apache-2.0
#include "hls/gated.hpp"

#include "hw/gen/squat_spec.hpp"

namespace squat::hls {
namespace {

static_assert(spec::kSiluBump.size() == 130 && spec::kGeluBump.size() == 130, "entries at j/8 on [0, 16] and a trailing 0");

std::int32_t gate(std::int32_t g, int frac, const std::array<std::uint32_t, 130>& table) {
  const std::int32_t a = g < 0 ? -g : g;
  const std::int32_t positive = g < 0 ? 0 : g;
  if (a >= (16 << frac)) return positive;
  const int n = frac - 3;  // table step 1/8
  const std::size_t j = static_cast<std::size_t>(a >> n);
  const std::int32_t lo = a & ((1 << n) - 1);
  const std::int32_t first = static_cast<std::int32_t>(table[j]);
  const std::int32_t next = static_cast<std::int32_t>(table[j + 1]);
  const std::int64_t bump = first + rsh((next - first) * lo, static_cast<unsigned>(n));
  return positive - static_cast<std::int32_t>(rsh(bump, static_cast<unsigned>(14 - frac)));
}

}  // namespace

std::int32_t silu(std::int32_t g, int frac) { return gate(g, frac, spec::kSiluBump); }

std::int32_t gelu(std::int32_t g, int frac) { return gate(g, frac, spec::kGeluBump); }

std::int8_t silu_mul(std::int32_t g, std::int32_t u, int frac, Requant r, bool eight_bit) {
  return requantize_code(static_cast<std::int64_t>(silu(g, frac)) * u, r, eight_bit);
}

std::int8_t gelu_code(std::int32_t g, int frac, Requant r, bool eight_bit) {
  return requantize_code(gelu(g, frac), r, eight_bit);
}

}  // namespace squat::hls
