// SPDX-License-Identifier: Apache-2.0
// The reader of device programs.
#include <stdexcept>

#include "host/cli/xclbin_match.hpp"
#include "host/model/error.hpp"
#include "host/xclbin/reader.hpp"
#include "host/xclbin/recipe.hpp"
#include "host/xclbin/writer.hpp"
#include "tests/fuzz/seeds.hpp"
#include "tests/fuzz/targets.hpp"

namespace squat::fuzz {
namespace {

squat::xclbin::Xclbin read(const std::string& bytes) {
  return squat::xclbin::parse_xclbin("x.xclbin", bytes.size(), [&](std::uint64_t offset, std::size_t count) {
    if (offset > bytes.size() || count > bytes.size() - offset) throw std::logic_error("read outside the file");
    return bytes.substr(static_cast<std::size_t>(offset), count);
  });
}

}  // namespace

void xclbin(const std::string& bytes) {
  squat::xclbin::Xclbin x = read(bytes);
  cli::mismatches(x);
  // What was taken can be written, and what was written is taken. The manifest goes: the CRC in it was of the old bytes.
  x.user_metadata.clear();
  std::string again;
  try {
    again = squat::xclbin::write_xclbin(x);
    if (again.size() > 456) read(again);
  } catch (const Error& error) {
    throw std::logic_error(std::string("not taken a second time: ") + error.what());
  }
}

std::vector<std::string> seeds::xclbin() {
  squat::xclbin::Xclbin x = squat::xclbin::from_recipe(SQUAT_SIM_RECIPE);
  std::vector<std::string> found{squat::xclbin::write_xclbin(x)};
  // Without its CRC: there the structure alone must see the damage.
  x.user_metadata = "{}";
  x.groups = x.memories;
  x.group_connections = x.connections;
  found.push_back(squat::xclbin::write_xclbin(x));
  return found;
}

}  // namespace squat::fuzz
