// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/reader.hpp"

#include <algorithm>
#include <set>

#include "host/model/input_file.hpp"
#include "host/xclbin/layout.hpp"
#include "host/xclbin/metadata.hpp"
#include "host/xclbin/part.hpp"
#include "host/xclbin/self_check.hpp"
#include "host/xclbin/tables.hpp"

namespace squat::xclbin {
namespace {

/// A described section is a few kilobytes; more than this is no description.
constexpr std::uint64_t kMaxDescription = std::uint64_t{16} << 20;

bool described(std::uint32_t kind) {
  switch (kind) {
    case kEmbeddedMetadata:
    case kMemTopology:
    case kConnectivity:
    case kIpLayout:
    case kClockFreqTopology:
    case kUserMetadata:
    case kGroupTopology:
    case kGroupConnectivity:
      return true;
    default:
      return false;
  }
}

std::string section_title(std::size_t index, std::uint32_t kind) {
  return "section " + std::to_string(index) + " (" + kind_name(kind) + ")";
}

/// Everything before the section table. Returns the number of sections.
std::uint32_t read_header(const Part& header, std::uint64_t size, Xclbin& x) {
  using namespace layout;
  if (header.bytes().compare(0, sizeof kMagic - 1, kMagic, sizeof kMagic - 1) != 0)
    header.refuse(0, "magic", "'xclbin2' and a 0", "something else");
  x.bytes = size;
  x.signature_bytes = static_cast<std::int32_t>(header.number<std::uint32_t>(kSignatureLength));
  if (x.signature_bytes < -1 || x.signature_bytes > static_cast<std::int64_t>(kMaxDescription))
    header.refuse(kSignatureLength, "signature length", "-1 or at most 16 MiB", std::to_string(x.signature_bytes));
  const std::uint64_t signature = x.signature_bytes > 0 ? static_cast<std::uint64_t>(x.signature_bytes) : 0;
  const auto length = header.number<std::uint64_t>(kLength);
  if (signature > size || length != size - signature) {
    header.refuse(kLength, "length", std::to_string(size) + " bytes of file" + (signature > 0 ? " less its signature" : ""),
                  std::to_string(length));
  }
  x.unique_id = header.number<std::uint64_t>(kUniqueId);
  x.created = header.number<std::uint64_t>(kTimestamp);
  x.version_patch = header.number<std::uint16_t>(kVersionPatch);
  x.version_major = header.number<std::uint8_t>(kVersionMajor);
  x.version_minor = header.number<std::uint8_t>(kVersionMinor);
  const auto mode = header.number<std::uint16_t>(kMode);
  if (mode > static_cast<std::uint16_t>(Mode::kHwEmuPartial)) header.refuse(kMode, "mode", "0 to 6", std::to_string(mode));
  x.mode = static_cast<Mode>(mode);
  x.platform = header.text(kPlatform, kPlatformBytes, "platform name");
  for (std::size_t i = 0; i < x.uuid.size(); ++i) x.uuid[i] = header.number<std::uint8_t>(kUuid + i);
  const auto sections = header.number<std::uint32_t>(kSectionCount);
  const std::uint64_t room = (length - std::min<std::uint64_t>(length, kSections)) / kSectionBytes;
  if (sections == 0 || sections > kMaxSections || sections > room) {
    header.refuse(kSectionCount, "number of sections", "1 to " + std::to_string(std::min<std::uint64_t>(room, kMaxSections)),
                  std::to_string(sections));
  }
  return sections;
}

void read_section(const Part& table, std::size_t index, std::uint64_t length, Xclbin& x) {
  using namespace layout;
  const std::size_t at = index * kSectionBytes;
  Section s;
  s.kind = table.number<std::uint32_t>(at);
  const std::string title = section_title(index, s.kind);
  s.name = table.text(at + kSectionName, kSectionNameBytes, title + " name");
  s.offset = table.number<std::uint64_t>(at + kSectionOffset);
  s.bytes = table.number<std::uint64_t>(at + kSectionSize);
  const std::uint64_t first = table.offset() + table.bytes().size();
  if (s.bytes == 0) {
    if (s.offset != 0 && (s.offset < first || s.offset > length))
      table.refuse(at + kSectionOffset, title + " offset", "0 of an empty section", std::to_string(s.offset));
  } else {
    if (s.offset % 8 != 0) table.refuse(at + kSectionOffset, title + " offset", "a multiple of 8", std::to_string(s.offset));
    if (s.offset < first || s.offset > length || s.bytes > length - s.offset) {
      table.refuse(at + kSectionOffset, title,
                   "a place between bytes " + std::to_string(first) + " and " + std::to_string(length),
                   std::to_string(s.bytes) + " bytes at byte " + std::to_string(s.offset));
    }
  }
  if (described(s.kind) && s.bytes > kMaxDescription)
    table.refuse(at + kSectionSize, title + " size", "at most 16 MiB", std::to_string(s.bytes));
  x.sections.push_back(std::move(s));
}

/// No two sections share bytes, and none that is read is there twice: XRT would silently take the first.
void check_apart(const Part& table, const std::vector<Section>& sections) {
  std::set<std::uint32_t> seen;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (described(sections[i].kind) && !seen.insert(sections[i].kind).second)
      table.refuse(i * layout::kSectionBytes, section_title(i, sections[i].kind) + " kind", "at most one of its kind",
                   "a second");
    if (sections[i].bytes > 0) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sections[a].offset < sections[b].offset; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const Section& before = sections[order[i - 1]];
    const Section& after = sections[order[i]];
    if (before.offset + before.bytes > after.offset) {
      table.refuse(
          order[i] * layout::kSectionBytes + layout::kSectionOffset, section_title(order[i], after.kind) + " offset",
          "at least " + std::to_string(before.offset + before.bytes) + ", after " + section_title(order[i - 1], before.kind),
          std::to_string(after.offset));
    }
  }
}

void read_description(const Part& part, std::uint32_t kind, Xclbin& x) {
  switch (kind) {
    case kEmbeddedMetadata:
      x.kernels = read_kernels(part);
      break;
    case kMemTopology:
      x.memories = read_memories(part);
      break;
    case kGroupTopology:
      x.groups = read_memories(part);
      break;
    case kConnectivity:
      x.connections = read_connections(part);
      break;
    case kGroupConnectivity:
      x.group_connections = read_connections(part);
      break;
    case kIpLayout:
      x.ips = read_ips(part);
      break;
    case kClockFreqTopology:
      x.clocks = read_clocks(part);
      break;
    default:
      x.user_metadata = part.bytes();
  }
}

std::string announcement() {
  std::string field = kAnnouncement;
  field.resize(layout::kDebugFileBytes);
  return field;
}

Xclbin parse_container(const std::string& file, std::uint64_t size, const ReadBytes& read) {
  if (size < layout::kSections)
    refuse(file, "header", size, "at least " + std::to_string(layout::kSections) + " bytes of header", std::to_string(size));
  const Part header(file, "header", 0, read(0, layout::kSections));
  Xclbin x;
  const std::uint32_t count = read_header(header, size, x);
  const std::uint64_t signature = x.signature_bytes > 0 ? static_cast<std::uint64_t>(x.signature_bytes) : 0;
  const Part table(file, "section table", layout::kSections, read(layout::kSections, count * layout::kSectionBytes));
  for (std::size_t i = 0; i < count; ++i) read_section(table, i, size - signature, x);
  check_apart(table, x.sections);
  // Before the contents: of a file that carries its CRC, damage anywhere is called by its name.
  const bool announced = header.bytes().compare(layout::kDebugFile, layout::kDebugFileBytes, announcement()) == 0;
  check_self(file, x, announced, read);
  return x;
}

/// parse(name, size, read) of a regular file.
template <class Parse>
Xclbin of_file(const std::filesystem::path& path, Parse&& parse) {
  const model::InputFile file(path);
  return parse(file.name(), file.size(), [&](std::uint64_t offset, std::size_t bytes) {
    std::string part(bytes, '\0');
    file.read(offset, part.data(), bytes);
    return part;
  });
}

}  // namespace

Xclbin parse_xclbin(const std::string& file, std::uint64_t size, const ReadBytes& read) {
  Xclbin x = parse_container(file, size, read);
  for (std::size_t i = 0; i < x.sections.size(); ++i) {
    const Section s = x.sections[i];
    if (!described(s.kind)) continue;
    read_description(Part(file, section_title(i, s.kind), s.offset, read(s.offset, static_cast<std::size_t>(s.bytes))), s.kind,
                     x);
  }
  check_indices(file, x);
  return x;
}

Xclbin read_container(const std::filesystem::path& path) { return of_file(path, parse_container); }

Xclbin read_xclbin(const std::filesystem::path& path) { return of_file(path, parse_xclbin); }

}  // namespace squat::xclbin
