// SPDX-License-Identifier: Apache-2.0
#include "host/backends/accelerator/capabilities.hpp"

#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::backends {
namespace {

// What the passes are compiled for: hw/rtl/squat_kernel.sv takes no other parameters.
constexpr int kRows = 16, kBands = 4, kLeastColumns = 16, kMostColumns = 64;
constexpr int kDeepest = 1 << 20;  ///< words of an on-chip memory; more is no memory but noise on the bus

std::string array_text(const std::string& columns, int rows, int bands, const std::string& axi_bits) {
  return std::to_string(rows) + " x " + columns + " cells in " + std::to_string(bands) + " bands with ports of " + axi_bits +
         " bit";
}

bool is_depth(int depth) { return depth > 0 && depth <= kDeepest; }

}  // namespace

engine::AcceleratorLimits read_capabilities(Transport& transport) {
  engine::AcceleratorLimits limits;
  const std::uint32_t caps = transport.read_register(spec::kRegCaps);
  limits.rows = static_cast<int>(caps & 0xffU);
  limits.columns = static_cast<int>(caps >> 8 & 0xffU);
  limits.bands = static_cast<int>(caps >> 16 & 0xfU);
  limits.axi_bits = 8 << (caps >> 20 & 0xfU);
  limits.asram_depth = static_cast<int>(transport.read_register(spec::kRegCapsAsram));
  limits.vsram_depth = static_cast<int>(transport.read_register(spec::kRegCapsVsram));
  limits.ring_depth = static_cast<int>(transport.read_register(spec::kRegCapsRing));
  limits.bias_depth = static_cast<int>(transport.read_register(spec::kRegCapsBias));
  const bool array = limits.rows == kRows && limits.bands == kBands && (limits.axi_bits == 128 || limits.axi_bits == 512) &&
                     limits.columns >= kLeastColumns && limits.columns <= kMostColumns && limits.columns % kLeastColumns == 0;
  if (!array) {
    throw Error(ExitCode::kDeviceUnavailable,
                "device (" + transport.name() + "): the kernel reports " +
                    array_text(std::to_string(limits.columns), limits.rows, limits.bands, std::to_string(limits.axi_bits)) +
                    ", this program drives " + array_text("16, 32, 48 or 64", kRows, kBands, "128 or 512") +
                    ": load the device program built from this version");
  }
  for (const int depth : {limits.asram_depth, limits.vsram_depth, limits.ring_depth, limits.bias_depth}) {
    if (is_depth(depth)) continue;
    throw Error(ExitCode::kDeviceUnavailable, "device (" + transport.name() + "): the kernel reports an on-chip memory of " +
                                                  std::to_string(depth) + " words, this program expects 1 to " +
                                                  std::to_string(kDeepest) +
                                                  ": load the device program built from this version");
  }
  return limits;
}

}  // namespace squat::backends
