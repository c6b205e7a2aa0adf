// SPDX-License-Identifier: Apache-2.0
// The device program of the simulated accelerator, from its recipe (bitstreams/sim/squat.json) and hw/spec.
#pragma once

#include <filesystem>

#include "host/xclbin/xclbin.hpp"

namespace squat::xclbin {

/// Platform, memory banks, port connections, control address and clock come from the recipe; arguments, their registers and the
/// spec hash from hw/spec. The manifest has a place for the CRC-32 of the file. Throws input_error for a recipe with missing or
/// malformed fields, and unless it connects exactly the memory ports of hw/spec to banks it defines.
Xclbin from_recipe(const std::filesystem::path& recipe);

/// The 64-bit spec hash as manifests hold it: 16 lower-case hexadecimal digits.
std::string spec_hash_digits();

/// The schema of the manifest in USER_METADATA.
inline constexpr const char* kManifestSchema = "squat.manifest/1";

}  // namespace squat::xclbin
