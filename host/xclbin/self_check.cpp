// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/self_check.hpp"

#include <algorithm>
#include <vector>

#include "host/model/crc32.hpp"
#include "host/model/error.hpp"
#include "host/xclbin/part.hpp"

namespace squat::xclbin {
namespace {

constexpr const char* kKey = "\"crc32\":\"";
constexpr std::size_t kDigits = 8;
constexpr std::size_t kChunk = std::size_t{1} << 20;

/// The position of the digits in `manifest`, or npos.
std::size_t digits_in(const std::string& manifest) {
  const std::size_t at = manifest.find(kKey);
  if (at == std::string::npos) return at;
  const std::size_t digits = at + std::string(kKey).size();
  return manifest.size() - digits > kDigits && manifest[digits + kDigits] == '"' ? digits : std::string::npos;
}

}  // namespace

void check_self(const std::string& file, const Xclbin& x, bool announced, const ReadBytes& read) {
  const auto found =
      std::find_if(x.sections.begin(), x.sections.end(), [](const Section& s) { return s.kind == kUserMetadata; });
  std::string manifest;
  if (found != x.sections.end()) manifest = read(found->offset, static_cast<std::size_t>(found->bytes));
  const std::size_t in_manifest = digits_in(manifest);
  if (in_manifest == std::string::npos) {
    if (announced)
      refuse(file, "manifest", found != x.sections.end() ? found->offset : 0, "the CRC-32 of the file, as its header says",
             "none");
    return;
  }
  const std::uint64_t digits = found->offset + in_manifest;
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < x.bytes; at += kChunk) {
    std::string chunk = read(at, static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, x.bytes - at)));
    for (std::uint64_t i = std::max(at, digits); i < std::min(at + chunk.size(), digits + kDigits); ++i)
      chunk[static_cast<std::size_t>(i - at)] = '0';
    crc = model::crc32(reinterpret_cast<const std::uint8_t*>(chunk.data()), chunk.size(), crc);
  }
  const std::string said = manifest.substr(in_manifest, kDigits);
  if (said != model::crc32_text(crc))
    refuse(file, "manifest, crc32", digits, "'" + model::crc32_text(crc) + "' of the file's bytes", "'" + said + "'");
}

void stamp_self(std::string& bytes, std::size_t at) {
  const std::uint32_t crc = model::crc32(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  bytes.replace(at + std::string(kKey).size(), kDigits, model::crc32_text(crc));
}

}  // namespace squat::xclbin
