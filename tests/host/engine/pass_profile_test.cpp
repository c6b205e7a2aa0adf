// SPDX-License-Identifier: Apache-2.0
// Profile records as the host reads them: every field from its word, records that were not written refused.
#include "host/engine/pass_profile.hpp"

#include <cstring>
#include <memory>

#include "host/engine/accelerator_device.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/catch.hpp"
#include "tests/support/compare_devices.hpp"
#include "tests/support/functional_link.hpp"

using namespace squat;
using engine::Role;

namespace {

/// Two commands and their records; word 0 index, 1 opcode and unit, 2 start, 3 end, then the counts.
struct Records {
  std::vector<spec::Record> commands = std::vector<spec::Record>(2);
  std::vector<engine::Place> places = std::vector<engine::Place>(2);
  std::vector<std::uint32_t> words = std::vector<std::uint32_t>(32, 0);

  Records() {
    places[0] = {3, Role::kQ, -1};
    places[1] = {4, Role::kScores, 2};
    for (std::uint32_t i = 0; i < 2; ++i) {
      spec::put(commands[i], spec::kCmdOpcode, i == 0 ? spec::kOpLoad : spec::kOpGemm);
      spec::put(commands[i], spec::kCmdUnit, i);
      std::uint32_t* r = &words[16 * i];
      r[0] = i;
      r[1] = (i == 0 ? spec::kOpLoad : spec::kOpGemm) | i << 8;
      for (std::uint32_t w = 2; w < 13; ++w) r[w] = 100 * (i + 1) + w;
    }
  }
  std::vector<engine::CommandProfile> parse(std::uint64_t cycles) const {
    std::vector<std::uint8_t> bytes(128);
    std::memcpy(bytes.data(), words.data(), bytes.size());
    return engine::parse_profile(bytes.data(), commands, places, cycles);
  }
  void refused(std::uint64_t cycles = 1000) const {
    try {
      parse(cycles);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kDeviceFailed);
    }
  }
};

}  // namespace

TEST_CASE("every count of a record is read from its word") {
  const auto commands = Records().parse(203);
  REQUIRE(commands.size() == 2);
  for (std::uint32_t i = 0; i < 2; ++i) {
    const engine::CommandProfile& c = commands[i];
    const std::uint32_t base = 100 * (i + 1);
    CHECK(c.unit == i);
    CHECK(c.opcode == (i == 0 ? spec::kOpLoad : spec::kOpGemm));
    CHECK(c.start == base + 2);
    CHECK(c.end == base + 3);
    CHECK(c.busy == base + 4);
    CHECK(c.weight_stall == base + 5);
    CHECK(c.drain_stall == base + 6);
    CHECK(c.read_beats == base + 7);
    CHECK(c.write_beats == base + 8);
    CHECK(c.eight_tokens == base + 9);
    CHECK(c.four_tokens == base + 10);
    CHECK(c.first == base + 11);
    CHECK(c.last == base + 12);
  }
  CHECK(commands[1].place.layer == 4);
  CHECK(commands[1].place.role == Role::kScores);
  CHECK(commands[1].place.head == 2);
}

TEST_CASE("a record that was not written is refused") {
  Records().refused(202);  // ends after the run
  for (const std::uint32_t word : {16U, 17U}) {
    Records records;
    records.words[word] ^= 1;
    records.refused();
  }
  Records backwards;
  backwards.words[3] = backwards.words[2];
  backwards.refused();
  Records empty;
  empty.words.assign(32, 0);
  empty.refused();
}

TEST_CASE("a link without counters has no profile") {
  const model::IntegerModel m = quantize::random_model(test::small_shape(1), 4, test::uniform(model::Activations::k8), 1);
  engine::AcceleratorDevice device(m, std::make_unique<test::FunctionalLink>(), "functional");
  CHECK(!device.set_profile(true));
  CHECK(device.set_profile(false));
  CHECK(device.run(test::random_ids(2, m.config.vocab_size, 1), engine::RowRange::kLast).profiles.empty());
}
