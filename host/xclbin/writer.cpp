// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/writer.hpp"

#include <cstring>

#include "host/xclbin/layout.hpp"
#include "host/xclbin/metadata.hpp"
#include "host/xclbin/self_check.hpp"
#include "host/xclbin/tables.hpp"

namespace squat::xclbin {
namespace {

struct Body {
  std::uint32_t kind;
  std::string bytes;
};

std::vector<Body> bodies_of(const Xclbin& x) {
  std::vector<Body> bodies;
  if (!x.memories.empty()) bodies.push_back({kMemTopology, write_memories(x.memories)});
  if (!x.connections.empty()) bodies.push_back({kConnectivity, write_connections(x.connections)});
  if (!x.groups.empty()) bodies.push_back({kGroupTopology, write_memories(x.groups)});
  if (!x.group_connections.empty()) bodies.push_back({kGroupConnectivity, write_connections(x.group_connections)});
  if (!x.ips.empty()) bodies.push_back({kIpLayout, write_ips(x.ips)});
  if (!x.clocks.empty()) bodies.push_back({kClockFreqTopology, write_clocks(x.clocks)});
  if (!x.kernels.empty()) bodies.push_back({kEmbeddedMetadata, write_kernels(x)});
  if (!x.user_metadata.empty()) bodies.push_back({kUserMetadata, x.user_metadata});
  return bodies;
}

template <typename UInt>
void put(std::string& out, std::size_t at, UInt value) {
  model::store_le(reinterpret_cast<std::uint8_t*>(out.data()) + at, value);
}

void put_text(std::string& out, std::size_t at, const std::string& text, std::size_t size, const char* field) {
  if (text.size() >= size)
    throw input_error(std::string("xclbin: ") + field + " '" + text + "': expected at most " + std::to_string(size - 1) +
                      " characters");
  out.replace(at, text.size(), text);
}

}  // namespace

std::string write_xclbin(const Xclbin& x) {
  using namespace layout;
  const std::vector<Body> bodies = bodies_of(x);
  const std::size_t unstamped = x.user_metadata.find(kUnstamped);
  const bool stamped = unstamped != std::string::npos;
  std::string out(kSections + bodies.size() * kSectionBytes, '\0');
  std::memcpy(out.data(), kMagic, sizeof kMagic - 1);
  std::memset(out.data() + kSignatureLength, 0xff, kUniqueId - kSignatureLength);  // no signature, no key
  put(out, kUniqueId, x.unique_id);
  put(out, kTimestamp, x.created);
  put(out, kVersionPatch, x.version_patch);
  put(out, kVersionMajor, x.version_major);
  put(out, kVersionMinor, x.version_minor);
  put(out, kMode, static_cast<std::uint16_t>(x.mode));
  put_text(out, kPlatform, x.platform, kPlatformBytes, "platform");
  std::memcpy(out.data() + kUuid, x.uuid.data(), x.uuid.size());
  if (stamped) put_text(out, kDebugFile, kAnnouncement, kDebugFileBytes, "announcement");
  put(out, kSectionCount, static_cast<std::uint32_t>(bodies.size()));
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    out.resize((out.size() + 7) / 8 * 8);
    const std::size_t header = kSections + i * kSectionBytes;
    put(out, header, bodies[i].kind);
    put(out, header + kSectionOffset, static_cast<std::uint64_t>(out.size()));
    put(out, header + kSectionSize, static_cast<std::uint64_t>(bodies[i].bytes.size()));
    out += bodies[i].bytes;
  }
  put(out, kLength, static_cast<std::uint64_t>(out.size()));
  if (stamped) stamp_self(out, out.size() - x.user_metadata.size() + unstamped);
  return out;
}

}  // namespace squat::xclbin
