// SPDX-License-Identifier: Apache-2.0
// squat inspect FILE.xclbin: what a device program says about itself.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace squat::cli {

/// Header, sections, memories, compute units, arguments, clocks, signature state, manifest, and what keeps this program from
/// driving it. Throws input_error for a file that is no xclbin or a damaged one.
nlohmann::ordered_json describe_xclbin(const std::string& path);

}  // namespace squat::cli
