// SPDX-License-Identifier: Apache-2.0
// The simulated device's program against hw/spec/registers.json, read a second time here; and recipes that do not fit.
#include <nlohmann/json.hpp>

#include "tests/host/xclbin/xclbin_bytes.hpp"

using namespace squat;
using namespace squat::test;
using nlohmann::json;

namespace {

std::filesystem::path source(const char* path) { return std::filesystem::path(SQUAT_SOURCE_DIR) / path; }
json recipe() { return json::parse(read_bytes(source("bitstreams/sim/squat.json"))); }

std::string refusal(const json& object) {
  const TemporaryDirectory folder;
  write_bytes(folder.path() / "r.json", object.dump());
  return input_error_of([&] { xclbin::from_recipe(folder.path() / "r.json"); });
}

}  // namespace

TEST_CASE("arguments are the registers with an argument name, in order") {
  const json registers = json::parse(read_bytes(source("hw/spec/registers.json")))["registers"];
  const xclbin::Xclbin x = parsed(xclbin::write_xclbin(sim_program()));
  REQUIRE(x.kernels.size() == 1);
  CHECK(x.kernels[0].name == "squat_kernel");
  std::size_t next = 0;
  for (const json& reg : registers) {
    if (!reg.contains("arg")) continue;
    REQUIRE(next < x.kernels[0].arguments.size());
    const xclbin::Argument& a = x.kernels[0].arguments[next];
    CHECK(a.name == reg["arg"]);
    CHECK(a.offset == std::stoul(reg["offset"].get<std::string>(), nullptr, 16));
    CHECK(a.bytes * 8 == reg.value("bits", 32U));
    CHECK(a.qualifier == (reg.contains("port") ? 1U : 0U));
    ++next;
  }
  CHECK(next == x.kernels[0].arguments.size());
  const std::string header = read_bytes(source("hw/gen/squat_spec.hpp"));
  const std::string hash = json::parse(x.user_metadata)["spec_hash"];
  CHECK(header.find("kSpecHash = 0x" + hash + "ULL") != std::string::npos);
}

TEST_CASE("recipes that do not fit are refused") {
  json r = recipe();
  r["connect"].erase("m_axi_gmem2");
  CHECK(refusal(r).find("m_axi_gmem2 of argument weights1") != std::string::npos);
  r = recipe();
  r["connect"]["m_axi_gmem9"] = "DDR[0]";
  CHECK(refusal(r).find("only memory ports of hw/spec") != std::string::npos);
  r = recipe();
  r["connect"]["m_axi_gmem1"] = "DDR[1]";
  CHECK(refusal(r).find("the tag of a bank at port m_axi_gmem1") != std::string::npos);
  r = recipe();
  r["banks"] = json::array();
  CHECK(refusal(r).find("'banks'") != std::string::npos);
  r = recipe();
  r["banks"][0]["base"] = "800000000";
  CHECK(refusal(r).find("'banks.base'") != std::string::npos);
  r = recipe();
  r["clock_mhz"] = 0;
  CHECK(refusal(r).find("'clock_mhz'") != std::string::npos);
  r = recipe();
  r.erase("platform");
  CHECK(refusal(r).find("'platform'") != std::string::npos);
}
