// SPDX-License-Identifier: Apache-2.0
// The entry of libFuzzer: the environment variable SQUAT_FUZZ_TARGET names the target.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/targets.hpp"

namespace {

const squat::fuzz::Target& chosen() {
  const char* name = std::getenv("SQUAT_FUZZ_TARGET");
  for (const squat::fuzz::Target& target : squat::fuzz::targets()) {
    if (name != nullptr && std::strcmp(name, target.name) == 0) return target;
  }
  std::fputs("SQUAT_FUZZ_TARGET names no target; scripts/fuzz.sh sets it\n", stderr);
  std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const squat::fuzz::Target& target = chosen();
  squat::fuzz::run(target, std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
