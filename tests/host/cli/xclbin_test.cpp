// SPDX-License-Identifier: Apache-2.0
// squat inspect FILE.xclbin and squat doctor --xclbin, as a user runs them.
#include "host/xclbin/recipe.hpp"
#include "host/xclbin/writer.hpp"
#include "tests/host/cli/cli_run.hpp"

using namespace squat;
using namespace squat::test;
using nlohmann::json;

namespace {

xclbin::Xclbin sim_program() {
  return xclbin::from_recipe(std::filesystem::path(SQUAT_SOURCE_DIR) / "bitstreams" / "sim" / "squat.json");
}

/// Written to a file as long as the object lives.
struct File {
  explicit File(const xclbin::Xclbin& x) : File(xclbin::write_xclbin(x)) {}
  explicit File(const std::string& bytes) : path((folder.path() / "x.xclbin").string()) { write_bytes(path, bytes); }
  TemporaryDirectory folder;
  std::string path;
};

const json* check_named(const json& object, const std::string& name) {
  for (const json& check : object["checks"]) {
    if (check["check"] == name) return &check;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("inspect shows what a device program holds") {
  const File file(sim_program());
  const json object = run_json({"inspect", file.path});
  CHECK(object["kind"] == "xclbin");
  CHECK(object["platform"] == "squat:sim:verilated:1");
  CHECK(object["mode"] == "hw_emu");
  CHECK(object["version"] == "2.13.0");
  CHECK(object["created"] == "1970-01-01T00:00:01Z");
  CHECK(object["signature"] == "none");
  CHECK(object["uuid"].get<std::string>().size() == 36);
  CHECK(object["manifest"]["board"] == "sim");
  CHECK(object["fits_this_program"] == true);
  CHECK(object["mismatches"].empty());
  CHECK(object["sections"].size() == 6);
  CHECK(object["memories"][0]["bytes"] == std::uint64_t{2048} << 20);
  CHECK(object["memories"][0]["base"] == "0x800000000");
  CHECK(object["compute_units"][0]["name"] == "squat_kernel:squat_kernel_1");
  CHECK(object["compute_units"][0]["control"] == "ap_ctrl_hs");
  CHECK(object["arguments"].size() == 13);
  CHECK(object["arguments"][1]["name"] == "weights0");
  CHECK(object["arguments"][1]["register"] == "0x28");
  CHECK(object["arguments"][1]["memory"] == "DDR[0]");
  CHECK(object["arguments"][12]["kind"] == "scalar");
  CHECK(object["clocks"][0]["mhz"] == 300);
  const CliResult table = run_cli({"inspect", file.path});
  CHECK(table.code == 0);
  for (const char* text : {"arguments", "weights_units", "squat_kernel_1", "DDR[0]", "KERNEL_CLK", "manifest.spec_hash"})
    CHECK(table.out.find(text) != std::string::npos);
}

TEST_CASE("inspect names what keeps a program from being driven") {
  xclbin::Xclbin x = sim_program();
  x.kernels[0].arguments[7].offset += 4;
  x.connections.pop_back();
  x.user_metadata.replace(x.user_metadata.find("\"spec_hash\":\"") + 13, 4, "beef");
  const File file(x);
  const json object = run_json({"inspect", file.path});
  CHECK(object["fits_this_program"] == false);
  REQUIRE(object["mismatches"].size() == 3);
  CHECK(object["mismatches"][0]["what"] == "argument 7");
  CHECK(object["mismatches"][1]["what"] == "memory of argument io");
  CHECK(object["mismatches"][2]["what"] == "spec hash");
  CHECK(object["mismatches"][2]["found"].get<std::string>().substr(0, 4) == "beef");

  xclbin::Xclbin other = sim_program();
  other.kernels[0].name = "vadd";
  other.ips[0].name = "vadd:squat_kernel_1";
  const File wrong(other);
  CHECK(run_json({"inspect", wrong.path})["mismatches"][0]["found"] == "vadd");
}

TEST_CASE("inspect refuses damaged programs and unclear calls") {
  std::string bytes = xclbin::write_xclbin(sim_program());
  bytes[700] = static_cast<char>(bytes[700] ^ 1);
  const File damaged(bytes);
  check_fails({"inspect", damaged.path}, 3, "crc32 at byte");
  const File cut(bytes.substr(0, 1000));
  check_fails({"inspect", cut.path}, 3, "header, length at byte 304: expected 1000");
  check_fails({"inspect", "/nowhere.xclbin"}, 3, "/nowhere.xclbin");
  check_fails({"inspect", "--model", tales().string(), damaged.path}, 2, "found both");
  check_fails({"inspect", ""}, 2, "expected a path");
}

TEST_CASE("doctor holds a device program against program and environment") {
  const Variable no_root("XILINX_XRT", "/nowhere");
  const Variable unknown("XCL_EMULATION_MODE", "fast_emu");
  xclbin::Xclbin x = sim_program();
  x.user_metadata.clear();
  const File file(x);
  const json object = run_json({"doctor", "--xclbin", file.path}, 1);
  CHECK(object["ok"] == false);
  REQUIRE(check_named(object, "emulation mode") != nullptr);
  CHECK((*check_named(object, "emulation mode"))["found"] == "XCL_EMULATION_MODE=fast_emu, which XRT does not know");
  CHECK((*check_named(object, "xclbin"))["status"] == "ok");
  CHECK((*check_named(object, "xclbin kernel"))["status"] == "ok");
  CHECK((*check_named(object, "xclbin spec hash"))["status"] == "absent");
  CHECK((*check_named(object, "xclbin mode"))["status"] == "problem");
  CHECK((*check_named(object, "device fpga"))["status"] != "ok");
  CHECK((*check_named(object, "XILINX_XRT"))["status"] == "problem");
  CHECK((*check_named(object, "device cpu"))["status"] == "ok");
  CHECK((*check_named(object, "device sim"))["status"] != "problem");
}

TEST_CASE("doctor survives a device program that is none") {
  const File file(std::string(100, 'x'));
  const json object = run_json({"doctor", "--xclbin", file.path}, 1);
  REQUIRE(check_named(object, "xclbin") != nullptr);
  CHECK((*check_named(object, "xclbin"))["status"] == "problem");
  CHECK((*check_named(object, "xclbin"))["found"].get<std::string>().find("at least 456 bytes") != std::string::npos);
}
