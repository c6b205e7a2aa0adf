// SPDX-License-Identifier: Apache-2.0
// Bytes of the newest checkpoint that are missing or wrong: the one before is used and a warning says so. The same tallies of
// readers that are wrong on purpose must have silent faults.
#include <random>

#include "qat/checkpoint/state_file.hpp"
#include "tests/qat/checkpoint/stored_run.hpp"
#include "tests/support/fault_tally.hpp"

namespace squat::qat {
namespace {

namespace fs = std::filesystem;

/// Continues a run from the checkpoints of a directory, with the warnings of the way; throws squat::Error when there is none.
using Reader = void (*)(const fs::path& directory, toy::Run& run, std::vector<std::string>& warnings);

constexpr const char* kState = "state.safetensors";
constexpr const char* kMarker = "complete";

const toy::Stored& whole() {
  static const toy::Stored stored;
  return stored;
}

void read(const fs::path& directory, toy::Run& run, std::vector<std::string>& warnings) {
  CheckpointStore store(directory);
  run.load(store, &warnings);
}

fs::path newest_state(const fs::path& directory) { return CheckpointStore(directory).path_of(3) / kState; }

/// Looks at no checksum.
void read_unverified(const fs::path& directory, toy::Run& run, std::vector<std::string>&) {
  read_state_file(newest_state(directory), run.set, run.adam, run.state);
}

/// Takes zeros for what is missing at the end.
void read_padded(const fs::path& directory, toy::Run& run, std::vector<std::string>&) {
  fs::resize_file(newest_state(directory), fs::file_size(CheckpointStore(directory).path_of(2) / kState));
  read_state_file(newest_state(directory), run.set, run.adam, run.state);
}

/// Uses the checkpoint before and tells nobody.
void read_quietly(const fs::path& directory, toy::Run& run, std::vector<std::string>&) {
  CheckpointStore store(directory);
  run.load(store);
}

/// What a reader makes of a store whose newest checkpoint was damaged.
void count(const toy::Stored& damaged, Reader reader, test::FaultTally& tally) {
  toy::Run run;
  std::vector<std::string> warnings;
  try {
    reader(damaged.dir.path(), run, warnings);
  } catch (const Error&) {
    ++tally.detected;
    return;
  }
  const bool warned = warnings.size() == 1;
  ++(warned && run.same_as(damaged.second) ? tally.detected : run.same_as(damaged.third) ? tally.masked : tally.silent);
}

/// Both files cut at some hundred lengths, `parts` of each.
test::FaultTally tear(const std::string& name, Reader reader, std::size_t parts) {
  test::FaultTally tally(name);
  for (const char* file : {kState, kMarker}) {
    const std::string good = test::read_bytes(whole().newest() / file);
    for (std::size_t cut = 0; cut < good.size(); cut += 1 + good.size() / parts) {
      const toy::Stored stored = whole();
      test::write_bytes(stored.newest() / file, good.substr(0, cut));
      count(stored, reader, tally);
    }
  }
  tally.print();
  return tally;
}

void flip_bit(const fs::path& path, std::size_t bytes, std::mt19937& random) {
  std::string text = test::read_bytes(path);
  char& byte = text[random() % std::min(bytes, text.size())];
  byte = static_cast<char>(byte ^ (1 << (random() % 8)));
  test::write_bytes(path, text);
}

/// One bit wrong, in the marker, in the header or anywhere.
test::FaultTally flip(const std::string& name, Reader reader, int rounds) {
  test::FaultTally tally(name);
  std::mt19937 random(11);
  for (int round = 0; round < rounds; ++round) {
    const toy::Stored stored = whole();
    flip_bit(stored.newest() / (round % 4 == 0 ? kMarker : kState), round % 4 == 1 ? 400 : SIZE_MAX, random);
    count(stored, reader, tally);
  }
  tally.print();
  return tally;
}

}  // namespace

TEST_CASE("checkpoint damage: cut anywhere or with a wrong bit, the one before is used, and a warning says so") {
  const test::FaultTally torn = tear("checkpoint, torn files", read, 100);
  const test::FaultTally flipped = flip("checkpoint, flipped bits", read, 200);
  CHECK(torn.detected == torn.tried());
  CHECK(flipped.detected == 200);
}

TEST_CASE("checkpoint damage: readers that are wrong are found") {
  CHECK(flip("a broken reader: no checksum", read_unverified, 20).silent > 5);
  CHECK(tear("a broken reader: zeros for what is missing", read_padded, 10).silent > 5);
  CHECK(tear("a broken reader: no warning", read_quietly, 10).silent > 15);
  CHECK(flip("a broken reader: no warning, flipped bits", read_quietly, 5).silent == 5);
}

TEST_CASE("checkpoint damage: without the marker a checkpoint is none") {
  const toy::Stored stored = whole();
  fs::remove(stored.newest() / kMarker);
  CheckpointStore store(stored.dir.path());
  toy::Run run;
  REQUIRE(run.load(store));
  CHECK(run.same_as(stored.second));
}

TEST_CASE("checkpoint damage: the run goes on from the checkpoint before, and its next one takes the damaged one's place") {
  std::mt19937 random(12);
  for (int round = 0; round < 20; ++round) {
    const toy::Stored stored = whole();
    flip_bit(stored.newest() / (round % 4 == 0 ? kMarker : kState), SIZE_MAX, random);
    CheckpointStore store(stored.dir.path());
    toy::Run run;
    REQUIRE(run.load(store));
    CHECK(store.steps() == std::vector<std::int64_t>{2, 1});
    while (run.state.step < 3) run.step();
    REQUIRE(run.same_as(stored.third));
    store.save(run.set, run.adam, run.state);
    toy::Run again;
    REQUIRE(again.load(store));
    CHECK(again.same_as(stored.third));
  }
}

}  // namespace squat::qat
