// SPDX-License-Identifier: Apache-2.0
// Byte offsets of the axlf container, little endian throughout (XRT's public xclbin.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace squat::xclbin::layout {

inline constexpr char kMagic[9] = "xclbin2";  ///< 8 bytes in the file, the last of them 0

// From the start of the file.
inline constexpr std::size_t kSignatureLength = 8;  ///< int32, -1: none
inline constexpr std::size_t kReserved = 12;        ///< with the key block 284 bytes of 0xff where nothing is signed
inline constexpr std::size_t kUniqueId = 296;
inline constexpr std::size_t kLength = 304;  ///< of the file without a signature
inline constexpr std::size_t kTimestamp = 312;
inline constexpr std::size_t kVersionPatch = 328, kVersionMajor = 330, kVersionMinor = 331;
inline constexpr std::size_t kMode = 332;
inline constexpr std::size_t kPlatform = 352, kPlatformBytes = 64;
inline constexpr std::size_t kUuid = 416;
inline constexpr std::size_t kDebugFile = 432, kDebugFileBytes = 16;
inline constexpr std::size_t kSectionCount = 448;
inline constexpr std::size_t kSections = 456;  ///< headers of kSectionBytes each, then the sections on 8-byte borders

// A section header.
inline constexpr std::size_t kSectionBytes = 40, kSectionName = 4, kSectionNameBytes = 16, kSectionOffset = 24,
                             kSectionSize = 32;
inline constexpr std::uint32_t kMaxSections = 0x10000;

/// A section that is a count and then entries of one size.
struct Table {
  std::size_t count_bytes, first, entry_bytes;
};
inline constexpr Table kMemTopology = {4, 8, 40};   ///< u8 type, u8 used, 6 unused, u64 KiB, u64 base, char[16] tag
inline constexpr Table kConnectivity = {4, 4, 12};  ///< i32 argument, i32 ip, i32 memory
inline constexpr Table kIpLayout = {4, 8, 80};      ///< u32 type, u32 properties, u64 base, char[64] name
inline constexpr Table kClocks = {2, 2, 136};       ///< u16 MHz, u8 type, 5 unused, char[128] name

}  // namespace squat::xclbin::layout
