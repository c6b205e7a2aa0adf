// SPDX-License-Identifier: Apache-2.0
// Both transports around the stand-in kernel: the same bytes, the same cycles, and errors instead of hangs.
#include <chrono>

#include "host/model/error.hpp"
#include "tests/catch.hpp"
#include "tests/sim/standin_run.hpp"

using namespace squat;
using backends::RunState;
using backends::TransportKind;
using sim::standin_options;
using sim::StandinJob;

namespace {

std::vector<TransportKind> kinds() {
#ifdef STANDIN_XRT
  return {TransportKind::kSimDirect, TransportKind::kSimXrt};
#else
  return {TransportKind::kSimDirect};
#endif
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TEST_CASE("transport: same bytes and cycles on every transport, for every stall pattern, in repeated runs") {
  auto options = standin_options();
  options.simulation.stall_seed = GENERATE(0U, 1U, 77U);
  std::vector<std::uint8_t> copy, sum;
  std::vector<std::uint64_t> cycles;
  for (const TransportKind kind : kinds()) {
    const auto transport = backends::open_transport(kind, options);
    StandinJob job(*transport, 2048);
    std::vector<std::uint64_t> these;
    for (const auto mode : {sim::kCopy, sim::kSum, sim::kCopy}) {
      REQUIRE(job.run(mode) == RunState::kDone);
      these.push_back(job.cycles());
      const auto out = job.output();
      if (mode == sim::kCopy) CHECK((out == job.expected_copy()));
      auto& same = mode == sim::kCopy ? copy : sum;
      if (same.empty()) same = out;
      CHECK((out == same));
    }
    CHECK(these[0] == these[2]);
    if (cycles.empty()) cycles = these;
    CHECK(these == cycles);
  }
}

TEST_CASE("transport: a kernel that never finishes is a time-out within the limit, not a hang") {
  for (const TransportKind kind : kinds()) {
    const auto start = std::chrono::steady_clock::now();
    {
      const auto transport = backends::open_transport(kind, standin_options());
      StandinJob job(*transport, 64);
      CHECK(job.run(sim::kNeverDone, std::chrono::milliseconds(300)) == RunState::kTimeout);
      CHECK_THAT(transport->failure(), Catch::Matchers::Contains("not done after 300 ms"));
      CHECK_THROWS_AS(transport->start(), Error);
    }
    CHECK(seconds_since(start) < 5);
    // The next device is not affected.
    const auto transport = backends::open_transport(kind, standin_options());
    StandinJob job(*transport, 64);
    CHECK(job.run(sim::kCopy) == RunState::kDone);
  }
}

TEST_CASE("transport: the cycle limit ends a run, and run_to_end reports it as a failed device") {
  auto options = standin_options();
  options.simulation.cycle_limit = 20000;
  for (const TransportKind kind : kinds()) {
    const auto transport = backends::open_transport(kind, options);
    StandinJob job(*transport, 64);
    job.start(sim::kNeverDone);
    CHECK(transport->wait(std::chrono::seconds(30)) == RunState::kTimeout);
    CHECK_THAT(transport->failure(), Catch::Matchers::Contains("the limit set"));
    CHECK_THAT(transport->failure(), !Catch::Matchers::Contains(" ms"));  // the 30 s have not passed
    const auto other = backends::open_transport(kind, options);
    StandinJob again(*other, 64);
    other->set_argument(backends::Argument::kCmdCount, sim::kNeverDone);
    try {
      backends::run_to_end(*other, 1000);
      FAIL("no error");
    } catch (const Error& e) {
      CHECK(e.code() == ExitCode::kDeviceFailed);
      CHECK_THAT(e.what(), Catch::Matchers::Contains("did not end in time"));
    }
  }
}

TEST_CASE("transport: a broken AXI rule and a wild address fail the run with the reason; the device works afterwards") {
  auto options = standin_options();
  options.simulation.stall_seed = 3;
  for (const TransportKind kind : kinds()) {
    const auto transport = backends::open_transport(kind, options);
    StandinJob job(*transport, 512);
    REQUIRE(job.run(sim::kBreakRule) == RunState::kFailed);
    CHECK_THAT(transport->failure(), Catch::Matchers::Contains("AXI rule 1 "));
    REQUIRE(job.run(sim::kCopy) == RunState::kDone);
    REQUIRE(job.run(sim::kWildAddress) == RunState::kFailed);
    CHECK_THAT(transport->failure(), Catch::Matchers::Contains("outside the device memory"));
    REQUIRE(job.run(sim::kCopy) == RunState::kDone);
    CHECK((job.output() == job.expected_copy()));
  }
}

TEST_CASE("transport: an injected error response shows in the status register") {
  auto options = standin_options();
  options.simulation.fault.read_burst = 3;
  for (const TransportKind kind : kinds()) {
    const auto transport = backends::open_transport(kind, options);
    StandinJob job(*transport, 512);
    REQUIRE(job.run(sim::kCopy) == RunState::kDone);
    CHECK(transport->read_register(spec::kRegStatus) == (spec::kErrorAxiRead << 8 | 2U));
  }
}

TEST_CASE("transport: progress is reported and registers can be read during a run") {
  auto options = standin_options();
  unsigned calls = 0;
  std::uint64_t last = 0;
  options.progress = [&](std::uint64_t cycles, double rate) {
    CHECK(cycles > last);
    CHECK(rate > 0);
    last = cycles;
    ++calls;
  };
  for (const TransportKind kind : kinds()) {
    calls = 0;
    last = 0;
    const auto transport = backends::open_transport(kind, options);
    StandinJob job(*transport, 64);
    CHECK(job.run(sim::kNeverDone, std::chrono::milliseconds(1200)) == RunState::kTimeout);
    CHECK(calls >= 2);
  }
}

TEST_CASE("transport: buffers are freed, too large ones and copies outside are refused") {
  for (const TransportKind kind : kinds()) {
    const auto transport = backends::open_transport(kind, standin_options());
    std::uint64_t first = 0;
    for (int i = 0; i < 5; ++i) {
      const auto buffer = transport->allocate(backends::Argument::kWeights0, std::size_t{512} << 20);
      if (i == 0) first = buffer->address();
      CHECK(buffer->address() == first);
      CHECK(buffer->address() % 4096 == 0);
      CHECK(buffer->size() == std::size_t{512} << 20);
    }
    CHECK_THROWS_AS(transport->allocate(backends::Argument::kIo, std::size_t{3} << 30), Error);
    const auto small = transport->allocate(backends::Argument::kIo, 100);
    CHECK_THROWS_AS(small->to_device(1, 100), Error);
    small->to_device(100, 0);
    small->host()[99] = 7;
    small->to_device(99, 1);
    small->host()[99] = 0;
    small->from_device(0, 100);
    CHECK(small->host()[99] == 7);
  }
}
