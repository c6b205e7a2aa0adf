// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "host/xclbin/tables.hpp"

namespace squat::xclbin {
namespace {

/// Where a section's bytes are; 0 for one that is not there.
std::uint64_t place(const Xclbin& x, std::uint32_t kind) {
  for (const Section& s : x.sections) {
    if (s.kind == kind) return s.offset;
  }
  return 0;
}

const Kernel* kernel_of(const Xclbin& x, const Ip& ip) {
  const std::string name = ip.name.substr(0, ip.name.find(':'));
  for (const Kernel& kernel : x.kernels) {
    if (kernel.name == name) return &kernel;
  }
  return nullptr;
}

void check_connections(const std::string& file, const Xclbin& x, std::uint32_t kind, const std::vector<Connection>& connections,
                       const std::vector<Memory>& memories) {
  const auto bad = [&](std::size_t i, const char* field, const std::string& expected, std::int64_t found) {
    refuse(file, kind_name(kind) + ", connection " + std::to_string(i) + ", " + field, place(x, kind), expected,
           std::to_string(found));
  };
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const Connection& c = connections[i];
    const auto ip = static_cast<std::size_t>(c.ip), memory = static_cast<std::size_t>(c.memory);
    if (ip >= x.ips.size())
      bad(i, "compute unit index", "below " + std::to_string(x.ips.size()) + " entries of IP_LAYOUT", c.ip);
    if (memory >= memories.size()) bad(i, "memory index", "below " + std::to_string(memories.size()) + " memories", c.memory);
    if (!memories[memory].used) bad(i, "memory index", "a memory in use", c.memory);
    const Kernel* kernel = kernel_of(x, x.ips[ip]);
    if (kernel == nullptr) continue;
    const auto& arguments = kernel->arguments;
    const bool known = std::any_of(arguments.begin(), arguments.end(),
                                   [&](const Argument& a) { return a.id == static_cast<std::uint32_t>(c.argument); });
    if (!known) bad(i, "argument index", "an argument of kernel " + kernel->name, c.argument);
  }
}

}  // namespace

void check_indices(const std::string& file, const Xclbin& x) {
  check_connections(file, x, kConnectivity, x.connections, x.memories);
  check_connections(file, x, kGroupConnectivity, x.group_connections, x.groups);
  std::set<std::string> units, instances;
  for (const Ip& ip : x.ips) {
    if (ip.type == Ip::kKernel && !units.insert(ip.name).second)
      refuse(file, "IP_LAYOUT, name", place(x, kIpLayout), "each compute unit once", "'" + ip.name + "' twice");
  }
  for (const Kernel& kernel : x.kernels) {
    for (const Instance& instance : kernel.instances) {
      const std::string name = kernel.name + ":" + instance.name;
      if (!instances.insert(name).second)
        refuse(file, "EMBEDDED_METADATA, instance", place(x, kEmbeddedMetadata), "each instance once", "'" + name + "' twice");
      if (units.count(name) == 0)
        refuse(file, "IP_LAYOUT", place(x, kIpLayout), "the compute unit '" + name + "' of the XML", "none of that name");
    }
  }
  for (const std::string& name : units) {
    if (instances.count(name) == 0)
      refuse(file, "EMBEDDED_METADATA", place(x, kEmbeddedMetadata), "the instance '" + name + "' of IP_LAYOUT",
             "none of that name");
  }
}

}  // namespace squat::xclbin
