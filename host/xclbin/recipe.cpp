// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/recipe.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "host/model/error.hpp"
#include "host/model/json_file.hpp"
#include "host/xclbin/self_check.hpp"
#include "hw/gen/squat_arguments.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::xclbin {
namespace {

constexpr const char* kControlPort = "S_AXI_CONTROL";
constexpr std::uint8_t kDdr4 = 1, kKernelClock = 2;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

std::string hex(std::uint64_t value, int digits) {
  std::string text;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 15];
  return text;
}

std::uint64_t address(const model::JsonFields& fields, const char* field) {
  const std::string text = fields.text(field);
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + std::min<std::size_t>(2, text.size()), text.data() + text.size(), value, 16);
  if (text.rfind("0x", 0) != 0 || text.size() < 3 || error != std::errc() || end != text.data() + text.size())
    fields.fail(field, "a hexadecimal number such as \"0x10000\"");
  return value;
}

std::vector<Memory> banks(const model::JsonFields& recipe) {
  const nlohmann::json& list = recipe.at("banks");
  if (!list.is_array() || list.empty()) recipe.fail("banks", "a list of memory banks");
  std::vector<Memory> memories;
  for (const nlohmann::json& entry : list) {
    if (!entry.is_object()) recipe.fail("banks", "a list of objects");
    const model::JsonFields bank(entry, recipe.file(), "banks.");
    Memory m;
    m.type = kDdr4;
    m.used = true;
    m.kib = static_cast<std::uint64_t>(bank.integer("mib", 1, 1 << 20)) * 1024;
    m.base = address(bank, "base");
    m.tag = bank.text("tag");
    memories.push_back(std::move(m));
  }
  return memories;
}

Argument argument(std::size_t index) {
  const spec::KernelArgument& from = spec::kKernelArguments[index];
  const bool pointer = *from.port != '\0';
  Argument a;
  a.name = from.name;
  a.id = static_cast<std::uint32_t>(index);
  a.qualifier = pointer ? 1 : 0;
  a.port = pointer ? upper(from.port) : kControlPort;
  a.bytes = from.bits / 8;
  a.offset = from.offset;
  a.type = pointer ? "void*" : "uint";
  return a;
}

std::string manifest(std::int64_t clock_mhz) {
  nlohmann::ordered_json configurations = nlohmann::ordered_json::array();
  for (const spec::Config& config : spec::kConfigs) configurations.push_back(config.name);
  nlohmann::ordered_json object = {{"schema", kManifestSchema},
                                   {"board", "sim"},
                                   {"configurations", configurations},
                                   {"kernel", spec::kKernelName},
                                   {"id", "0x" + hex(spec::kId, 8)},
                                   {"spec_hash", spec_hash_digits()},
                                   {"clock_mhz", clock_mhz},
                                   {"clock_source", "assumed"},
                                   {"crc32", "00000000"}};
  return object.dump();
}

}  // namespace

std::string spec_hash_digits() { return hex(spec::kSpecHash, 16); }

Xclbin from_recipe(const std::filesystem::path& path) {
  const nlohmann::json object = model::read_json_object(path);
  const model::JsonFields recipe(object, path.string());
  Xclbin x;
  x.mode = Mode::kHwEmu;
  x.created = 1;  // the same bytes from the same sources
  x.platform = recipe.text("platform");
  x.memories = banks(recipe);
  const auto width = static_cast<std::uint32_t>(recipe.integer("data_width", 8, 1024));
  const std::int64_t clock = recipe.integer("clock_mhz", 1, 1000);
  x.clocks.push_back({static_cast<std::uint16_t>(clock), kKernelClock, "KERNEL_CLK"});

  Kernel kernel;
  kernel.name = spec::kKernelName;
  kernel.language = "ip_c";
  kernel.control = control_name(0);
  kernel.instances.push_back({recipe.text("instance"), address(recipe, "base")});
  x.ips.push_back({Ip::kKernel, 1, kernel.instances[0].base, kernel.name + ":" + kernel.instances[0].name});

  const nlohmann::json& connect = recipe.at("connect");
  if (!connect.is_object()) recipe.fail("connect", "an object: port to bank");
  std::set<std::string> ports;
  for (const auto& [port, tag] : connect.items()) {
    ports.insert(port);
    kernel.ports.push_back({upper(port), "master", ~std::uint64_t{0}, width});
  }
  kernel.ports.push_back({kControlPort, "slave", address(recipe, "range"), 32});
  std::set<std::string> needed;
  for (std::size_t i = 0; i < spec::kKernelArguments.size(); ++i) {
    kernel.arguments.push_back(argument(i));
    const std::string port = spec::kKernelArguments[i].port;
    if (port.empty()) continue;
    needed.insert(port);
    if (ports.count(port) == 0) recipe.fail("connect", "the port " + port + " of argument " + kernel.arguments.back().name);
    const auto bank = std::find_if(x.memories.begin(), x.memories.end(),
                                   [&](const Memory& m) { return connect.at(port).is_string() && m.tag == connect.at(port); });
    if (bank == x.memories.end()) recipe.fail("connect", "the tag of a bank at port " + port);
    x.connections.push_back({static_cast<std::int32_t>(i), 0, static_cast<std::int32_t>(bank - x.memories.begin())});
  }
  if (needed != ports) recipe.fail("connect", "only memory ports of hw/spec");
  x.kernels.push_back(std::move(kernel));
  x.user_metadata = manifest(clock);
  return x;
}

}  // namespace squat::xclbin
