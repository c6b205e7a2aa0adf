// SPDX-License-Identifier: Apache-2.0
#include "host/xclbin/metadata.hpp"

#include <algorithm>
#include <set>

#include "host/model/markup.hpp"
#include "host/xclbin/xml.hpp"

namespace squat::xclbin {
namespace {

constexpr std::uint64_t kAny = ~std::uint64_t{0};

Port read_port(const Part& part, const Element& element) {
  Port port;
  port.name = attribute(part, element, "name");
  port.mode = attribute(part, element, "mode");
  if (element.find("range") != nullptr) port.range = number_attribute(part, element, "range", kAny);
  if (element.find("dataWidth") != nullptr)
    port.data_width = static_cast<std::uint32_t>(number_attribute(part, element, "dataWidth", 4096));
  return port;
}

Argument read_argument(const Part& part, const Element& element) {
  Argument a;
  a.name = attribute(part, element, "name");
  a.qualifier = static_cast<std::uint32_t>(number_attribute(part, element, "addressQualifier", 255));
  a.id = static_cast<std::uint32_t>(number_attribute(part, element, "id", 65535));
  a.port = attribute(part, element, "port");
  a.bytes = number_attribute(part, element, "size", 65536);
  a.offset = number_attribute(part, element, "offset", 0xffffffffU);
  if (const std::string* type = element.find("type")) a.type = *type;
  return a;
}

Instance read_instance(const Part& part, const Element& element) {
  Instance instance{attribute(part, element, "name"), 0};
  for (const Element* remap : element.all("addrRemap")) instance.base = number_attribute(part, *remap, "base", kAny);
  return instance;
}

/// Names are there once, argument indices are 0, 1, 2 ..., and every argument has its port.
void check_kernel(const Part& part, const Element& element, const Kernel& kernel) {
  const auto bad = [&](const std::string& expected, const std::string& found) {
    part.refuse(element.at, "kernel '" + kernel.name + "'", expected, found);
  };
  std::set<std::string> names, ports;
  for (const Port& port : kernel.ports) {
    if (!ports.insert(port.name).second) bad("each port once", "'" + port.name + "' twice");
  }
  for (std::size_t i = 0; i < kernel.arguments.size(); ++i) {
    const Argument& a = kernel.arguments[i];
    if (a.id != i) bad("the argument index " + std::to_string(i), std::to_string(a.id));
    if (!names.insert(a.name).second) bad("each argument once", "'" + a.name + "' twice");
    if (!a.port.empty() && ports.count(a.port) == 0)
      bad("the port '" + a.port + "' of argument '" + a.name + "'", "none of that name");
  }
}

Kernel read_kernel(const Part& part, const Element& element) {
  Kernel kernel;
  kernel.name = attribute(part, element, "name");
  if (const std::string* language = element.find("language")) kernel.language = *language;
  if (const std::string* control = element.find("hwControlProtocol")) kernel.control = *control;
  for (const Element* port : element.all("port")) kernel.ports.push_back(read_port(part, *port));
  for (const Element* argument : element.all("arg")) kernel.arguments.push_back(read_argument(part, *argument));
  for (const Element* instance : element.all("instance")) kernel.instances.push_back(read_instance(part, *instance));
  std::stable_sort(kernel.arguments.begin(), kernel.arguments.end(),
                   [](const Argument& a, const Argument& b) { return a.id < b.id; });
  check_kernel(part, element, kernel);
  return kernel;
}

const char* target_name(Mode mode) {
  switch (mode) {
    case Mode::kHwEmu:
    case Mode::kHwEmuPartial:
      return "hw_em";
    case Mode::kSwEmu:
      return "csim";
    default:
      return "bitstream";
  }
}

using Attributes = std::vector<std::pair<std::string, std::string>>;

std::string element(const std::string& name, const Attributes& attributes, const std::string& inside = "") {
  std::string text = "<" + name;
  for (const auto& [key, value] : attributes) text += " " + key + "=\"" + model::escape_markup(value) + "\"";
  return text + ">" + inside + "</" + name + ">";
}

std::string hex(std::uint64_t value) {
  char text[17];
  const int length = std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(value));
  return "0x" + std::string(text, static_cast<std::size_t>(length));
}

std::string write_kernel(const Kernel& kernel) {
  std::string inside;
  std::string control = "S_AXI_CONTROL";
  for (const Port& port : kernel.ports) {
    if (port.mode == "slave") control = port.name;
    inside += element("port", {{"name", port.name},
                               {"mode", port.mode},
                               {"range", hex(port.range)},
                               {"dataWidth", std::to_string(port.data_width)},
                               {"portType", "addressable"},
                               {"base", "0x0"}});
  }
  for (const Argument& a : kernel.arguments) {
    inside += element("arg", {{"name", a.name},
                              {"addressQualifier", std::to_string(a.qualifier)},
                              {"id", std::to_string(a.id)},
                              {"port", a.port},
                              {"size", hex(a.bytes)},
                              {"offset", hex(a.offset)},
                              {"hostOffset", "0x0"},
                              {"hostSize", hex(a.bytes)},
                              {"type", a.type}});
  }
  for (const Instance& instance : kernel.instances)
    inside +=
        element("instance", {{"name", instance.name}}, element("addrRemap", {{"base", hex(instance.base)}, {"port", control}}));
  return element("kernel", {{"name", kernel.name}, {"language", kernel.language}, {"hwControlProtocol", kernel.control}},
                 inside);
}

/// Parts of "vendor:board:name:version"; missing ones are empty.
std::vector<std::string> platform_parts(const std::string& platform) {
  std::vector<std::string> parts(1);
  for (const char c : platform) {
    if (c == ':')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  parts.resize(4);
  return parts;
}

}  // namespace

std::vector<Kernel> read_kernels(const Part& part) {
  const Element root = read_xml(part);
  if (root.name != "project") part.refuse(root.at, "XML", "the element 'project'", "'" + root.name + "'");
  std::vector<Kernel> kernels;
  for (const Element* platform : root.all("platform")) {
    for (const Element* device : platform->all("device")) {
      for (const Element* core : device->all("core")) {
        for (const Element* element : core->all("kernel")) {
          kernels.push_back(read_kernel(part, *element));
          for (std::size_t i = 0; i + 1 < kernels.size(); ++i) {
            if (kernels[i].name == kernels.back().name)
              part.refuse(element->at, "kernel", "each kernel once", "'" + kernels.back().name + "' twice");
          }
        }
      }
    }
  }
  return kernels;
}

std::string write_kernels(const Xclbin& x) {
  std::string inside;
  for (const Clock& clock : x.clocks) {
    if (clock.type == 2)
      inside += element("kernelClocks", {},
                        element("clock", {{"port", clock.name}, {"frequency", std::to_string(clock.mhz) + "MHz"}}));
  }
  std::size_t units = 0;
  for (const Kernel& kernel : x.kernels) {
    inside += write_kernel(kernel);
    units += kernel.instances.size();
  }
  const std::string core = element("core",
                                   {{"name", "OCL_REGION_0"},
                                    {"target", target_name(x.mode)},
                                    {"type", "clc_region"},
                                    {"clockFreq", "0MHz"},
                                    {"numComputeUnits", std::to_string(units)}},
                                   inside);
  const std::vector<std::string> parts = platform_parts(x.platform);
  const std::string platform =
      element("platform", {{"vendor", parts[0]}, {"boardid", parts[1]}, {"name", parts[2]}, {"featureRomTime", "0"}},
              element("device", {{"name", "fpga0"}, {"fpgaDevice", parts[1]}}, core));
  return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" +
         element("project", {{"name", x.kernels.empty() ? "" : x.kernels[0].name}}, platform) + "\n";
}

}  // namespace squat::xclbin
