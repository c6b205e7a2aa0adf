// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/run_control.hpp"

#include "host/model/error.hpp"
#include "tests/catch.hpp"
#include "tests/host/backends/xrt/fake_transport.hpp"

using namespace squat;
using namespace squat::backends;
using Catch::Matchers::Contains;

namespace {

/// The error `f` throws; fails the test when it throws none.
template <class F>
Error error_of(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e;
  }
  FAIL("no error");
  return Error(ExitCode::kOk, "");
}

}  // namespace

TEST_CASE("identity: the same id and spec hash pass, others are told apart by name") {
  FakeTransport t;
  CHECK_NOTHROW(check_identity(t));
  t.registers[spec::kRegSpecHash] ^= 1;
  const Error hash = error_of([&] { check_identity(t); });
  CHECK(hash.code() == ExitCode::kDeviceUnavailable);
  CHECK_THAT(hash.what(), Contains("the kernel was built from hw/spec") && Contains("this program from"));
  t.registers[spec::kRegId] = 0xffffffff;
  const Error id = error_of([&] { check_identity(t); });
  CHECK_THAT(id.what(), Contains("reads 0xffffffff, expected 0x53515431"));
}

TEST_CASE("run control: failed and hung runs are device failures that carry the reason") {
  FakeTransport t;
  CHECK_NOTHROW(run_to_end(t, 1000));
  for (const RunState state : {RunState::kFailed, RunState::kTimeout}) {
    t.result = state;
    const Error e = error_of([&] { run_to_end(t, 1000); });
    CHECK(e.code() == ExitCode::kDeviceFailed);
    CHECK_THAT(e.what(), Contains("device (fake)") && Contains("the reason"));
  }
}

TEST_CASE("run control: limits grow with the expected cycles, and are longer for a simulation") {
  FakeTransport t;
  CHECK(time_limit(t, 0) == std::chrono::seconds(60));
  CHECK(time_limit(t, 20'000'000) == std::chrono::seconds(60 + 1000));
  t.simulation = false;
  CHECK(time_limit(t, 0) == std::chrono::seconds(5));
  CHECK(time_limit(t, 300'000'000) == std::chrono::seconds(5 + 30));
  run_to_end(t, 0);
  CHECK(t.limit == std::chrono::seconds(5));
}
