// SPDX-License-Identifier: Apache-2.0
// Every target on what fuzzing found in the past, and on damage that can be enumerated.
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/catch.hpp"
#include "tests/fuzz/targets.hpp"

namespace squat::fuzz {
namespace {

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Lengths or positions in 0..count-1: all of them up to `dense`, beyond that a sample.
std::vector<std::size_t> places(std::size_t count, std::size_t dense) {
  std::vector<std::size_t> found;
  const std::size_t step = std::max<std::size_t>(1, (count - std::min(count, dense)) / 200);
  for (std::size_t at = 0; at < count; at += at < dense ? 1 : step) found.push_back(at);
  return found;
}

}  // namespace

TEST_CASE("fuzz: seeds are taken, past findings are refused or taken") {
  std::set<std::string> names;
  for (const Target& target : targets()) {
    names.insert(target.name);
    int number = 0;
    for (const std::string& seed : target.seeds()) {
      INFO(target.name << ", seed " << number++);
      const bool asks_for_help = seed.find("--help") != std::string::npos || seed == "--version" || seed == "\n";
      CHECK(run(target, seed) != asks_for_help);
    }
  }
  const std::filesystem::path past = SQUAT_FUZZ_PAST;
  for (const auto& folder : std::filesystem::directory_iterator(past)) {
    INFO(folder.path().string());
    CHECK(names.count(folder.path().filename().string()) == 1);
  }
  for (const Target& target : targets()) {
    if (!std::filesystem::exists(past / target.name)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(past / target.name)) {
      INFO(entry.path().string());
      std::ifstream in(entry.path(), std::ios::binary);
      CHECK_NOTHROW(run(target, std::string(std::istreambuf_iterator<char>(in), {})));
    }
  }
}

TEST_CASE("fuzz: truncations and single-bit flips of valid files are refused or harmless, without much memory") {
  const long before = peak_kib();
  for (const Target& target : targets()) {
    for (const std::string& seed : target.seeds()) {
      const std::size_t dense = std::string(target.name) == "sentencepiece" ? 64 : 600;
      for (const std::size_t length : places(seed.size(), dense)) {
        INFO(target.name << " cut to " << length);
        CHECK_NOTHROW(run(target, seed.substr(0, length)));
      }
      for (const std::size_t at : places(seed.size(), dense)) {
        std::string flipped = seed;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
        INFO(target.name << " byte " << at << " changed");
        CHECK_NOTHROW(run(target, flipped));
      }
    }
  }
  // The files are of a few KiB. AddressSanitizer keeps freed memory back.
#ifndef __SANITIZE_ADDRESS__
  CHECK(peak_kib() - before < 64 * 1024);
#else
  static_cast<void>(before);
#endif
}

}  // namespace squat::fuzz
