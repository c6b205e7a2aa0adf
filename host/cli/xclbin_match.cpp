// SPDX-License-Identifier: Apache-2.0
#include "host/cli/xclbin_match.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "host/cli/version.hpp"
#include "host/xclbin/recipe.hpp"
#include "hw/gen/squat_arguments.hpp"

namespace squat::cli {
namespace {

bool same_port(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 32) == (y | 32); });
}

std::string described(const std::string& name, std::uint64_t bytes, std::uint64_t offset, const std::string& port) {
  return name + ", " + std::to_string(bytes) + " bytes at register " + std::to_string(offset) +
         (port.empty() ? "" : ", " + port);
}

void match_arguments(const xclbin::Kernel& kernel, std::vector<Mismatch>& found) {
  const auto& wanted = spec::kKernelArguments;
  if (kernel.arguments.size() != wanted.size())
    found.push_back({"arguments", std::to_string(wanted.size()), std::to_string(kernel.arguments.size())});
  for (std::size_t i = 0; i < std::min(wanted.size(), kernel.arguments.size()); ++i) {
    const spec::KernelArgument& want = wanted[i];
    const xclbin::Argument& is = kernel.arguments[i];
    const bool pointer = *want.port != '\0';
    const bool fits = is.name == want.name && is.bytes == want.bits / 8 && is.offset == want.offset &&
                      (is.qualifier == 1) == pointer && (!pointer || same_port(is.port, want.port));
    if (!fits) {
      found.push_back({"argument " + std::to_string(i), described(want.name, want.bits / 8, want.offset, want.port),
                       described(is.name, is.bytes, is.offset, is.qualifier == 1 ? is.port : "")});
    }
  }
}

/// The memories that each pointer of compute unit `ip` reaches; arguments of one buffer must share one.
void match_connections(const xclbin::Xclbin& x, std::int32_t ip, std::vector<Mismatch>& found) {
  std::set<std::int32_t> shared;
  for (std::size_t i = 0; i < spec::kKernelArguments.size(); ++i) {
    if (*spec::kKernelArguments[i].port == '\0') continue;
    std::set<std::int32_t> memories;
    for (const xclbin::Connection& c : x.connections) {
      if (c.ip == ip && c.argument == static_cast<std::int32_t>(i)) memories.insert(c.memory);
    }
    const std::string what = std::string("memory of argument ") + spec::kKernelArguments[i].name;
    if (memories.empty()) {
      found.push_back({what, "a connection to a memory", "none"});
      continue;
    }
    // Weights and the KV cache are read through all ports.
    if (shared.empty()) shared = memories;
    if (memories != shared) found.push_back({what, "that of the other arguments: buffers are shared between ports", "another"});
  }
}

}  // namespace

std::string manifest_field(const xclbin::Xclbin& x, const char* field) {
  const auto manifest = nlohmann::json::parse(x.user_metadata, nullptr, false);
  if (!manifest.is_object() || manifest.value("schema", nlohmann::json()) != xclbin::kManifestSchema) return "";
  const auto value = manifest.find(field);
  return value != manifest.end() && value->is_string() ? value->get<std::string>() : "";
}

std::vector<Mismatch> mismatches(const xclbin::Xclbin& x) {
  std::vector<Mismatch> found;
  const auto kernel =
      std::find_if(x.kernels.begin(), x.kernels.end(), [](const xclbin::Kernel& k) { return k.name == spec::kKernelName; });
  if (kernel == x.kernels.end()) {
    found.push_back({"kernel", spec::kKernelName, x.kernels.empty() ? "no kernel" : x.kernels[0].name});
    return found;
  }
  if (!kernel->control.empty() && kernel->control != "ap_ctrl_hs")
    found.push_back({"control protocol", "ap_ctrl_hs", kernel->control});
  if (kernel->instances.empty()) found.push_back({"compute units", "at least one", "none"});
  match_arguments(*kernel, found);
  for (std::size_t i = 0; i < x.ips.size(); ++i) {
    if (x.ips[i].type != xclbin::Ip::kKernel || x.ips[i].name.rfind(kernel->name + ":", 0) != 0) continue;
    if (x.ips[i].control() != 0)
      found.push_back({"control protocol of " + x.ips[i].name, "ap_ctrl_hs", xclbin::control_name(x.ips[i].control())});
    match_connections(x, static_cast<std::int32_t>(i), found);
  }
  const std::string hash = manifest_field(x, "spec_hash");
  if (!hash.empty() && hash != spec_hash_text()) found.push_back({"spec hash", spec_hash_text(), hash});
  return found;
}

}  // namespace squat::cli
