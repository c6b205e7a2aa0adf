// SPDX-License-Identifier: Apache-2.0
// Threads that wake each other: no ring is lost, waits end in time, and nobody stays awake for what does not come.
#include "host/backends/xrt/device_thread.hpp"

#include <ctime>
#include <thread>

#include "host/backends/xrt/doorbell.hpp"
#include "host/model/error.hpp"
#include "tests/catch.hpp"

using namespace squat;
using namespace squat::backends;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Processor time of all threads.
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

TEST_CASE("doorbell: a ring before the wait counts, and a wait without one ends at its limit") {
  Doorbell bell;
  bell.ring();
  CHECK(bell.rings() == 1);
  CHECK(bell.wait(0, 0ms, 0us));
  for (const auto awake : {0us, 50us, 100000us}) {
    const auto start = Clock::now();
    CHECK(!bell.wait(1, 20ms, awake));
    CHECK(seconds_since(start) >= 0.02);
  }
}

TEST_CASE("doorbell: no ring is lost between two threads, whether they stay awake or sleep") {
  const auto awake = GENERATE(0us, 1us, 20us, 1000us);
  constexpr std::uint64_t kRounds = 3000;
  Doorbell there, back;
  std::uint64_t answered = 0;  // written before every ring back
  std::thread other([&] {
    for (std::uint64_t i = 0; i < kRounds; ++i) {
      if (!there.wait(i, 20s, awake)) return;
      answered = i + 1;
      back.ring();
    }
  });
  bool all = true;
  for (std::uint64_t i = 0; i < kRounds && all; ++i) {
    there.ring();
    all = back.wait(i, 20s, awake) && answered == i + 1;
  }
  other.join();
  CHECK(all);
}

TEST_CASE("device thread: results, errors and announcements in any order") {
  DeviceThread thread({});
  const auto announce = thread.announcer();
  for (int i = 0; i < 500; ++i) {
    if (i % 3 == 0) thread.expect_call();
    CHECK(thread.call("a call", 10s, [&] {
      if (i % 5 == 0) announce();
      return i;
    }) == i);
  }
  CHECK_THROWS_WITH(thread.call("a call", 10s, [&]() -> int { throw Error(ExitCode::kDeviceFailed, "its own error"); }),
                    "its own error");
  CHECK(thread.call("a call", 10s, [] { return 7; }) == 7);
}

TEST_CASE("device thread: what was announced and does not come costs no processor time") {
  DeviceThread thread({});
  const double before = processor_seconds();
  for (int i = 0; i < 20; ++i) {
    thread.expect_call();
    std::this_thread::sleep_for(10ms);
  }
  // 20 times a quarter of a millisecond is 5 ms.
  CHECK(processor_seconds() - before < 0.1);
}

TEST_CASE("device thread: a long call costs its caller no processor time") {
  DeviceThread thread({});
  const double before = processor_seconds();
  thread.call("a long call", 10s, [] { std::this_thread::sleep_for(300ms); });
  CHECK(processor_seconds() - before < 0.1);
}

TEST_CASE("device thread: a call that does not return is left behind at its limit, also after an announcement") {
  DeviceThread thread({});
  const auto announce = thread.announcer();
  const auto start = Clock::now();
  CHECK_THROWS_WITH(thread.call("a hanging call", 100ms,
                                [announce] {
                                  announce();
                                  std::this_thread::sleep_for(1500ms);
                                }),
                    Catch::Matchers::Contains("a hanging call did not return within 100 ms"));
  CHECK(seconds_since(start) >= 0.1);
  CHECK(seconds_since(start) < 1.1);
  CHECK(thread.left_behind());
  CHECK_THROWS_WITH(thread.call("the next", 10s, [] {}), Catch::Matchers::Contains("did not return from an earlier call"));
  std::this_thread::sleep_for(1600ms);  // the thread ends before the process does
}

TEST_CASE("device thread: a stop ends the wait for a call") {
  std::atomic<bool> stop{false};
  DeviceThread thread([&] { return stop.load(); });
  std::thread other([&] {
    std::this_thread::sleep_for(50ms);
    stop = true;
  });
  // What the call does when it is asked to stop is its own; here it takes note at once.
  CHECK(thread.call("a call", 10s, [&] {
    while (!stop) std::this_thread::sleep_for(1ms);
    return 3;
  }) == 3);
  other.join();
  CHECK_THROWS_WITH(thread.call("more work", 10s, [] {}), Catch::Matchers::Contains("interrupted"));
  CHECK(thread.call(
            "cleaning up", 10s, [] { return 4; }, DeviceThread::Purpose::kCleanUp) == 4);
}
