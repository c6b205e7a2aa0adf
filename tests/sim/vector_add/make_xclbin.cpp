// SPDX-License-Identifier: Apache-2.0
// vector_add_make_xclbin KIND OUT.xclbin: two units of vector_add on two memory banks, polled, controlled with ap_ctrl_hs (KIND
// hs) or ap_ctrl_chain (chain). What XRT and the emulation library need to know of a kernel, and no more.
#include <iostream>
#include <string>

#include "host/model/error.hpp"
#include "host/model/output_file.hpp"
#include "host/xclbin/writer.hpp"

namespace {

using namespace squat;

constexpr std::uint8_t kDdr4 = 1, kKernelClock = 2;
constexpr std::uint32_t kControlShift = 8;  ///< of an IP's properties; bit 0, the interrupt, stays clear
constexpr const char* kKernel = "vector_add";
constexpr const char* kControlPort = "S_AXI_CONTROL";

void add_bank(xclbin::Xclbin& x, const std::string& tag, std::uint64_t base) {
  xclbin::Memory bank;
  bank.type = kDdr4;
  bank.used = true;
  bank.kib = 128;
  bank.base = base;
  bank.tag = tag;
  x.memories.push_back(bank);
}

/// A pointer behind `port`, or a scalar.
xclbin::Argument argument(std::uint32_t id, const std::string& name, std::uint64_t offset, const std::string& port) {
  xclbin::Argument a;
  a.name = name;
  a.id = id;
  a.qualifier = port.empty() ? 0 : 1;
  a.port = port.empty() ? kControlPort : port;
  a.bytes = port.empty() ? 4 : 8;
  a.offset = offset;
  a.type = port.empty() ? "uint" : "void*";
  return a;
}

xclbin::Kernel kernel(std::uint32_t control) {
  xclbin::Kernel k;
  k.name = kKernel;
  k.language = "ip_c";
  k.control = xclbin::control_name(control);
  k.ports = {{"M_AXI_GMEM0", "master", ~std::uint64_t{0}, 128},
             {"M_AXI_GMEM1", "master", ~std::uint64_t{0}, 128},
             {kControlPort, "slave", 0x1000, 32}};
  k.arguments = {argument(0, "a", 0x10, "M_AXI_GMEM0"), argument(1, "b", 0x18, "M_AXI_GMEM1"),
                 argument(2, "sum", 0x20, "M_AXI_GMEM0"), argument(3, "words", 0x28, "")};
  k.instances = {{"vector_add_2", 0x20000}, {"vector_add_1", 0x10000}};
  return k;
}

xclbin::Xclbin program(std::uint32_t control) {
  xclbin::Xclbin x;
  x.mode = xclbin::Mode::kHwEmu;
  x.created = 1;
  x.platform = "squat:test:verilated:1";
  x.uuid = {'v', 'e', 'c', 't', 'o', 'r', static_cast<std::uint8_t>(control)};
  x.clocks = {{300, kKernelClock, "KERNEL_CLK"}};
  add_bank(x, "DDR[0]", 0x100000000);
  add_bank(x, "DDR[1]", 0x200000000);
  x.kernels = {kernel(control)};
  for (std::int32_t unit = 0; unit < 2; ++unit) {
    const xclbin::Instance& instance = x.kernels[0].instances[static_cast<std::size_t>(unit)];
    x.ips.push_back({xclbin::Ip::kKernel, control << kControlShift, instance.base, std::string(kKernel) + ":" + instance.name});
    for (std::int32_t pointer = 0; pointer < 3; ++pointer) x.connections.push_back({pointer, unit, pointer == 1 ? 1 : 0});
  }
  return x;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc == 3 ? argv[1] : "";
  if (kind != "hs" && kind != "chain") {
    std::cerr << "usage: vector_add_make_xclbin hs|chain OUT.xclbin\n";
    return static_cast<int>(ExitCode::kUsage);
  }
  try {
    model::write_text_file(argv[2], xclbin::write_xclbin(program(kind == "chain" ? 1 : 0)));
    return static_cast<int>(ExitCode::kOk);
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return static_cast<int>(error.code());
  }
}
