// SPDX-License-Identifier: Apache-2.0
// Every target on what fuzzing found in the past, on damage that can be enumerated and on random mutations: no crash, no
// exception but the right one, and no more memory than the input and 64 MiB.
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <set>
#include <stdexcept>

#include "host/model/error.hpp"
#include "tests/catch.hpp"
#include "tests/fuzz/allocation_meter.hpp"
#include "tests/fuzz/targets.hpp"

namespace squat::fuzz {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20, kAllowance = 64 * kMiB;

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Gives inputs to a target and keeps what it did wrong.
class Feeder {
 public:
  explicit Feeder(const Target& target) : target_(target) {}

  void feed(const std::string& bytes, const std::string& what) {
    ++inputs_;
    const AllocationMeter meter;
    try {
      if (!run(target_, bytes)) ++refused_;
    } catch (const std::exception& error) {
      wrong.push_back(what + ": " + error.what());
    }
    most_ = std::max(most_, meter.most());
    if (meter.most() > bytes.size() + kAllowance) wrong.push_back(what + ": took " + std::to_string(meter.most()) + " bytes");
  }
  void print(const char* damage) const {
    std::cout << "hostile bytes: " << target_.name << ", " << damage << ": " << inputs_ << " inputs, " << refused_
              << " refused, " << wrong.size() << " wrong, at most " << most_ / 1024 << " KiB" << std::endl;
  }
  std::vector<std::string> wrong;

 private:
  const Target& target_;
  std::size_t inputs_ = 0, refused_ = 0, most_ = 0;
};

/// Lengths or positions in 0..count-1: all of them up to `dense`, beyond that a sample.
std::vector<std::size_t> places(std::size_t count, std::size_t dense) {
  std::vector<std::size_t> found;
  const std::size_t step = std::max<std::size_t>(1, (count - std::min(count, dense)) / 200);
  for (std::size_t at = 0; at < count; at += at < dense ? 1 : step) found.push_back(at);
  return found;
}

std::string flipped(std::string bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  return bytes;
}

/// Every seed cut at, and with a bit changed at, all places up to `dense` and a sample of those beyond; `bits` of a byte.
std::vector<std::string> enumerate_damage(const Target& target, std::size_t dense, int bits) {
  Feeder cut(target), flip(target);
  for (const std::string& seed : target.seeds()) {
    for (const std::size_t length : places(seed.size(), dense))
      cut.feed(seed.substr(0, length), "cut to " + std::to_string(length));
    for (const std::size_t at : places(seed.size(), dense)) {
      for (std::size_t bit = 0; bit < static_cast<std::size_t>(bits); ++bit) {
        const std::size_t place = at * 8 + (at + bit) % 8;
        flip.feed(flipped(seed, place), "bit " + std::to_string(place) + " changed");
      }
    }
  }
  cut.print("truncations");
  flip.print("single bits");
  cut.wrong.insert(cut.wrong.end(), flip.wrong.begin(), flip.wrong.end());
  return cut.wrong;
}

/// One to four changes: a byte, a number of the kinds that break readers, a piece removed, repeated or taken from another seed.
std::string mutated(std::string bytes, const std::string& other, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return n == 0 ? std::size_t{0} : static_cast<std::size_t>(random()) % n; };
  for (std::size_t change = 0; change <= below(4); ++change) {
    const std::size_t at = below(bytes.size()), length = below(std::min<std::size_t>(bytes.size() - at, 32));
    switch (below(5)) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(random());
        break;
      case 1: {
        constexpr std::uint64_t kNumbers[] = {0,      0x7f,       0x80,       0xff,       0x7fff,
                                              0xffff, 0x7fffffff, 0x80000000, 0xffffffff, ~std::uint64_t{0}};
        const std::uint64_t number = kNumbers[below(std::size(kNumbers))];
        for (std::size_t i = 0; i < std::size_t{1} << below(4) && at + i < bytes.size(); ++i)
          bytes[at + i] = static_cast<char>(number >> (8 * i));
        break;
      }
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, length));
        break;
      default:
        bytes.insert(at, other.substr(std::min(at, other.size()), length));
    }
  }
  return bytes;
}

std::vector<std::string> mutate(const Target& target, int inputs) {
  Feeder feeder(target);
  std::mt19937 random(1);
  const std::vector<std::string> seeds = target.seeds();
  for (int i = 0; i < inputs; ++i) {
    const std::string& seed = seeds[random() % seeds.size()];
    feeder.feed(mutated(seed, seeds[random() % seeds.size()], random), "mutation " + std::to_string(i));
  }
  feeder.print("mutations");
  return feeder.wrong;
}

/// AddressSanitizer keeps freed memory back.
void check_resident(long before) {
#ifndef __SANITIZE_ADDRESS__
  CHECK(peak_kib() - before < static_cast<long>(kAllowance / 1024));
#else
  static_cast<void>(before);
#endif
}

const std::vector<std::string> kNothing;

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
    INFO(target.name);
    CHECK(enumerate_damage(target, std::string(target.name) == "sentencepiece" ? 64 : 600, 1) == kNothing);
  }
  check_resident(before);
}

TEST_CASE("fuzz: random mutations of valid files are refused or harmless, without much memory") {
  const long before = peak_kib();
  for (const Target& target : targets()) {
    INFO(target.name);
    CHECK(mutate(target, std::string(target.name) == "sentencepiece" ? 100 : 1000) == kNothing);
  }
  check_resident(before);
}

TEST_CASE("fuzz: every truncation, and every bit of every header", "[.nightly]") {
  // Every seed is smaller, so this is every bit of the whole; of the vocabulary, which has no header, it is the first pieces.
  constexpr std::size_t kWhole = 32768;
  for (const Target& target : targets()) {
    INFO(target.name);
    CHECK(enumerate_damage(target, std::string(target.name) == "sentencepiece" ? 1024 : kWhole, 8) == kNothing);
    for (const std::string& seed : target.seeds()) CHECK((seed.size() < kWhole || std::string(target.name) == "sentencepiece"));
  }
}

TEST_CASE("fuzz: what breaks the rules is found") {
  const auto seeds = [] { return std::vector<std::string>{std::string(40, 'a')}; };
  const auto wrong = [&](void (*use)(const std::string&)) { return enumerate_damage({"planted", use, seeds}, 100, 1); };
  CHECK(wrong([](const std::string& bytes) {
          if (bytes != std::string(40, 'a')) throw input_error("refused");
        }) == kNothing);
  CHECK(wrong([](const std::string& bytes) {
          if (bytes.size() == 7) throw std::logic_error("planted");
        }) == std::vector<std::string>{"cut to 7: planted"});
  CHECK(wrong([](const std::string& bytes) {
          if (bytes[0] != 'a' && bytes.size() == 40) std::vector<char>(80 * kMiB).at(0) = 1;
        }).size() == 1);
  CHECK(wrong([](const std::string& bytes) {
          if (bytes.size() == 3) throw Error(ExitCode::kInternal, "another exit code");
        }).size() == 1);
}

}  // namespace squat::fuzz
