// SPDX-License-Identifier: Apache-2.0
// A CRC-32 of the whole file inside it: container headers have none of their own. It stands in the manifest (JSON, section
// USER_METADATA) as "crc32":"xxxxxxxx", is computed with those eight digits read as '0', and the header announces it, so that
// it cannot get lost with the manifest.
#pragma once

#include <cstdint>
#include <string>

#include "host/xclbin/reader.hpp"

namespace squat::xclbin {

/// What the header's field for the name of a debug file holds in a file with a CRC of itself.
inline constexpr const char* kAnnouncement = "squat_crc32";

/// Throws input_error when the file carries a CRC-32 of itself and has another, or announces one and carries none. Other files
/// pass. `x` needs its size and sections.
void check_self(const std::string& file, const Xclbin& x, bool announced, const ReadBytes& read);

/// The field as a manifest holds it before it is stamped.
inline constexpr const char* kUnstamped = "\"crc32\":\"00000000\"";

/// Puts the CRC of `bytes`, a whole file, in the place of the zeros of kUnstamped, which begins there at `at`.
void stamp_self(std::string& bytes, std::size_t at);

}  // namespace squat::xclbin
