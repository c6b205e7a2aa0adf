// SPDX-License-Identifier: Apache-2.0
// The entry of libFuzzer: the environment variable SQUAT_FUZZ_TARGET names the target. The target "planted" has a defect that
// the fuzzer must find.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tests/fuzz/targets.hpp"

namespace {

/// Copies the text behind a mark as long as the byte after the mark says, into room for four.
void planted(const std::string& bytes) {
  if (bytes.size() < 4 || bytes.compare(0, 3, "SQT") != 0) return;
  const auto room = std::make_unique<char[]>(4);
  std::memcpy(room.get(), bytes.data() + 4, std::min<std::size_t>(static_cast<unsigned char>(bytes[3]), bytes.size() - 4));
}
const squat::fuzz::Target kPlanted{"planted", planted, [] { return std::vector<std::string>{"SQT"}; }};

const squat::fuzz::Target& chosen() {
  const char* name = std::getenv("SQUAT_FUZZ_TARGET");
  if (name != nullptr && std::strcmp(name, kPlanted.name) == 0) return kPlanted;
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
