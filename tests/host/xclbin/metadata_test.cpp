// SPDX-License-Identifier: Apache-2.0
// The XML of a device program: what is taken from it, and what is refused.
#include "host/xclbin/metadata.hpp"

#include "host/xclbin/xml.hpp"
#include "tests/host/xclbin/xclbin_bytes.hpp"

using namespace squat;
using namespace squat::test;

namespace {

std::string project(const std::string& kernels) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><project name=\"p\"><platform vendor=\"v\"><device name=\"d\"><core "
         "name=\"c\">" +
         kernels + "</core></device></platform></project>";
}

const std::string kArgument =
    R"(<arg name="a" addressQualifier="1" id="0" port="M" size="0x8" offset="0x10" hostOffset="0x0" hostSize="0x8" type="int*"/>)";
const std::string kPorts = R"(<port name="M" mode="master" range="0xFFFFFFFF" dataWidth="32"/><port name="S" mode="slave"/>)";

std::vector<xclbin::Kernel> read(const std::string& xml) {
  return xclbin::read_kernels(xclbin::Part("x.xclbin", "section 0 (EMBEDDED_METADATA)", 1000, xml));
}

void check_bad(const std::string& xml, const std::string& text) {
  const std::string message = input_error_of([&] { read(xml); });
  INFO(message);
  CHECK(message.rfind("x.xclbin: section 0 (EMBEDDED_METADATA)", 0) == 0);
  CHECK(message.find(text) != std::string::npos);
}

}  // namespace

TEST_CASE("kernels, ports, arguments and instances are read") {
  const auto kernels =
      read(project("<kernelClocks/><kernel name=\"add\" language=\"c\" hwControlProtocol=\"ap_ctrl_chain\">" + kPorts +
                   R"(<arg name="n" addressQualifier="0" id="1" port="S" size="4" offset="28" type="uint"/>)" + kArgument +
                   R"(<instance name="add_1"><addrRemap base="0xA0000000" port="S"/></instance></kernel>)") +
           std::string(3, '\0'));
  REQUIRE(kernels.size() == 1);
  const xclbin::Kernel& k = kernels[0];
  CHECK(k.name == "add");
  CHECK(k.control == "ap_ctrl_chain");
  REQUIRE(k.ports.size() == 2);
  CHECK(k.ports[0].data_width == 32);
  CHECK(k.ports[0].range == 0xffffffff);
  REQUIRE(k.arguments.size() == 2);  // by index, not by place
  CHECK(k.arguments[0].name == "a");
  CHECK(k.arguments[0].bytes == 8);
  CHECK(k.arguments[0].offset == 16);
  CHECK(k.arguments[1].name == "n");
  CHECK(k.arguments[1].offset == 28);
  REQUIRE(k.instances.size() == 1);
  CHECK(k.instances[0].base == 0xa0000000);
}

TEST_CASE("malformed and hostile XML is refused where it stands") {
  const auto kernel = [](const std::string& inside) { return project("<kernel name=\"k\">" + inside + "</kernel>"); };
  const auto replaced = [&](const std::string& what, const std::string& with) {
    std::string argument = kArgument;
    argument.replace(argument.find(what), what.size(), with);
    return kernel(kPorts + argument);
  };
  CHECK(read(kernel(kPorts + kArgument)).size() == 1);
  check_bad("", "at byte 1000");
  check_bad("<project>", "XML at byte 1009");
  check_bad("<project></projekt>", "mismatched tag");
  check_bad("<project/><project/>", "junk after document element");
  check_bad("<xclbin/>", "'project'");
  check_bad(std::string("<project>\0</project>", 20), "XML");
  check_bad("<project a=\"1\" a=\"2\"/>", "duplicate attribute");
  check_bad("<project>\xff</project>", "invalid token");
  // A billion laughs, and a file of the machine's: no document types at all.
  check_bad("<!DOCTYPE p [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><project>&b;</project>", "document type declaration");
  check_bad("<!DOCTYPE p SYSTEM \"file:///etc/passwd\"><project/>", "document type declaration");
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "<a>";
  check_bad("<project>" + deep, "deeper than 32");
  std::string many = "<project>";
  for (int i = 0; i < 100001; ++i) many += "<a/>";
  check_bad(many + "</project>", "more than 100000 elements");
  check_bad(project("<kernel/>"), "the attribute 'name'");
  check_bad(kernel(kArgument), "the port 'M' of argument 'a'");
  check_bad(kernel(kPorts + kPorts + kArgument), "each port once");
  check_bad(kernel(kPorts + kArgument + kArgument), "argument index 1");
  check_bad(kernel(kPorts + kArgument) + "<!--", "XML");
  check_bad(project("<kernel name=\"k\"/><kernel name=\"k\"/>"), "each kernel once");
  check_bad(replaced("id=\"0\"", "id=\"1\""), "argument index 0");
  check_bad(replaced("id=\"0\"", "id=\"-1\""), "a number of at most 65535");
  check_bad(replaced("id=\"0\"", "id=\"\""), "a number of at most 65535");
  check_bad(replaced("id=\"0\"", ""), "the attribute 'id'");
  check_bad(replaced("offset=\"0x10\"", "offset=\"0x\""), "offset");
  check_bad(replaced("offset=\"0x10\"", "offset=\"0x100000000\""), "a number of at most 4294967295");
  check_bad(replaced("offset=\"0x10\"", "offset=\"0x10000000000000010\""), "offset");  // 2^64 + 16
  check_bad(replaced("size=\"0x8\"", "size=\"8 \""), "size");
}

TEST_CASE("what is written is escaped and reads back") {
  xclbin::Xclbin x = sim_program();
  x.kernels[0].arguments[0].type = "<&\">";
  const auto kernels = read(xclbin::write_kernels(x));
  REQUIRE(kernels.size() == 1);
  CHECK(kernels[0].arguments[0].type == "<&\">");
}
