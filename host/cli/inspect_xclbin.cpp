// SPDX-License-Identifier: Apache-2.0
#include "host/cli/inspect_xclbin.hpp"

#include <ctime>

#include "host/cli/xclbin_match.hpp"
#include "host/xclbin/reader.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string hex(std::uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

/// ISO 8601, or the number where it is no date of four digits.
std::string date(std::uint64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  char text[32];
  if (seconds >= 253402300800U || ::gmtime_r(&time, &parts) == nullptr) return std::to_string(seconds);
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

Json memories_of(const std::vector<xclbin::Memory>& memories) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < memories.size(); ++i) {
    const xclbin::Memory& m = memories[i];
    Json row = {{"index", i}, {"tag", m.tag}, {"type", xclbin::memory_type_name(m.type)}, {"used", m.used}};
    row["base"] = m.streaming() ? Json() : Json(hex(m.base));
    row["bytes"] = m.streaming() ? Json() : Json(m.kib * 1024);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The tags of the memories that argument `id` of `kernel` reaches from any of its compute units.
std::string memories_of(const xclbin::Xclbin& x, const xclbin::Kernel& kernel, std::uint32_t id) {
  std::string tags;
  for (const xclbin::Connection& c : x.connections) {
    if (c.argument != static_cast<std::int32_t>(id)) continue;
    if (x.ips[static_cast<std::size_t>(c.ip)].name.rfind(kernel.name + ":", 0) != 0) continue;
    const std::string& tag = x.memories[static_cast<std::size_t>(c.memory)].tag;
    if (tags.find(tag) == std::string::npos) tags += (tags.empty() ? "" : " ") + tag;
  }
  return tags;
}

std::string qualifier_name(std::uint32_t qualifier) {
  if (qualifier == 0) return "scalar";
  if (qualifier == 1) return "memory";
  return qualifier == 4 ? "stream" : "qualifier " + std::to_string(qualifier);
}

Json arguments_of(const xclbin::Xclbin& x) {
  Json rows = Json::array();
  for (const xclbin::Kernel& kernel : x.kernels) {
    for (const xclbin::Argument& a : kernel.arguments) {
      rows.push_back({{"kernel", kernel.name},
                      {"index", a.id},
                      {"name", a.name},
                      {"kind", qualifier_name(a.qualifier)},
                      {"register", hex(a.offset)},
                      {"bytes", a.bytes},
                      {"port", a.port},
                      {"memory", memories_of(x, kernel, a.id)}});
    }
  }
  return rows;
}

Json units_of(const xclbin::Xclbin& x) {
  Json rows = Json::array();
  for (const xclbin::Ip& ip : x.ips) {
    Json row = {{"name", ip.name}, {"type", xclbin::ip_type_name(ip.type)}, {"base", hex(ip.base)}};
    row["control"] = ip.type == xclbin::Ip::kKernel ? Json(xclbin::control_name(ip.control())) : Json();
    rows.push_back(std::move(row));
  }
  return rows;
}

Json manifest_of(const xclbin::Xclbin& x) {
  if (manifest_field(x, "schema").empty()) return Json();
  return Json::parse(x.user_metadata);
}

}  // namespace

Json describe_xclbin(const std::string& path) {
  const xclbin::Xclbin x = xclbin::read_xclbin(path);
  Json object = {{"schema", "squat.inspect/1"}, {"file", path}, {"kind", "xclbin"}, {"bytes", x.bytes}};
  object["uuid"] = xclbin::uuid_text(x.uuid);
  object["platform"] = x.platform;
  object["mode"] = xclbin::mode_name(x.mode);
  object["version"] =
      std::to_string(x.version_major) + "." + std::to_string(x.version_minor) + "." + std::to_string(x.version_patch);
  object["created"] = date(x.created);
  object["signature"] =
      x.signature_bytes > 0 ? std::to_string(x.signature_bytes) + " bytes, not verified" : std::string("none");
  object["manifest"] = manifest_of(x);
  Json rows = Json::array();
  const std::vector<Mismatch> found = mismatches(x);
  for (const Mismatch& m : found) rows.push_back({{"what", m.what}, {"expected", m.expected}, {"found", m.found}});
  object["fits_this_program"] = found.empty();
  object["mismatches"] = std::move(rows);
  rows = Json::array();
  for (const xclbin::Section& s : x.sections)
    rows.push_back({{"kind", xclbin::kind_name(s.kind)}, {"name", s.name}, {"offset", s.offset}, {"bytes", s.bytes}});
  object["sections"] = std::move(rows);
  object["memories"] = memories_of(x.memories);
  if (!x.groups.empty()) object["groups"] = memories_of(x.groups);
  object["compute_units"] = units_of(x);
  object["arguments"] = arguments_of(x);
  rows = Json::array();
  for (const xclbin::Clock& c : x.clocks)
    rows.push_back({{"name", c.name}, {"type", xclbin::clock_type_name(c.type)}, {"mhz", c.mhz}});
  object["clocks"] = std::move(rows);
  return object;
}

}  // namespace squat::cli
