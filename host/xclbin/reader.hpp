// SPDX-License-Identifier: Apache-2.0
// Reading an xclbin whose bytes nobody vouches for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "host/xclbin/xclbin.hpp"

namespace squat::xclbin {

/// Exactly `bytes` bytes at `offset` of a file.
using ReadBytes = std::function<std::string(std::uint64_t offset, std::size_t bytes)>;

/// Reads and checks headers, section table and the sections that describe the device; never the bitstream, so memory does not
/// grow with the file.
///
/// Throws input_error with file, field, byte offset, expected and found for: a file shorter or longer than its header says (a
/// signature aside), sections outside the file, on each other or off their 8-byte borders, a described section twice, counts
/// that do not fit their section, texts without end, indices that lead nowhere, kernels that IP_LAYOUT and the XML do not both
/// name, XML that is malformed, has a document type or names an argument twice; and, in files that carry a CRC-32 of themselves
/// (those squat writes), any flipped bit. Signatures are measured, not verified.
Xclbin parse_xclbin(const std::string& file, std::uint64_t size, const ReadBytes& read);

/// Headers, section table and the CRC, checked in the same way; the sections themselves are left alone: for those who only pass
/// the file on.
Xclbin read_container(const std::filesystem::path& path);

/// All of it, from a regular file.
Xclbin read_xclbin(const std::filesystem::path& path);

}  // namespace squat::xclbin
