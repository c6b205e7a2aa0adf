// SPDX-License-Identifier: Apache-2.0
// The CRC-32 of a file, apart from that of memory: the emulated devices need the latter without the file readers.
#pragma once

#include <cstdint>
#include <filesystem>

namespace squat::model {

/// Of a whole file of any size, read piece by piece. Throws input_error when it cannot be read.
std::uint32_t crc32_of_file(const std::filesystem::path& file);

}  // namespace squat::model
