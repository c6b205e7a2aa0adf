// SPDX-License-Identifier: Apache-2.0
// The build step: the same recipe gives the same bytes, another one another UUID; what does not fit leaves no file.
#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "tests/host/xclbin/xclbin_bytes.hpp"

using namespace squat;
using namespace squat::test;

namespace {

int make(const std::string& arguments) {
  const int status = std::system((std::string(SQUAT_MAKE_XCLBIN) + " " + arguments + " 2>/dev/null").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("the build step writes the recipe's program under a UUID of its bytes") {
  const TemporaryDirectory folder;
  const std::filesystem::path recipe = std::filesystem::path(SQUAT_SOURCE_DIR) / "bitstreams/sim/squat.json";
  const std::string first = folder.path() / "a.xclbin", second = folder.path() / "b.xclbin", other = folder.path() / "c.xclbin";
  REQUIRE(make(recipe.string() + " " + first) == 0);
  REQUIRE(make(recipe.string() + " " + second) == 0);
  CHECK(read_bytes(first) == read_bytes(second));
  nlohmann::json changed = nlohmann::json::parse(read_bytes(recipe));
  changed["clock_mhz"] = 301;
  write_bytes(folder.path() / "r.json", changed.dump());
  REQUIRE(make((folder.path() / "r.json").string() + " " + other) == 0);
  const xclbin::Xclbin a = xclbin::read_xclbin(first), c = xclbin::read_xclbin(other);
  CHECK(a.uuid != c.uuid);
  CHECK(a.kernels.size() == 1);
}

TEST_CASE("the build step refuses what it cannot write") {
  const TemporaryDirectory folder;
  const std::string out = folder.path() / "x.xclbin";
  CHECK(make("") == 2);
  CHECK(make((folder.path() / "none.json").string() + " " + out) == 3);
  write_bytes(folder.path() / "r.json", "{}");
  CHECK(make((folder.path() / "r.json").string() + " " + out) == 3);
  CHECK_FALSE(std::filesystem::exists(out));
}
