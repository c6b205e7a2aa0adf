// SPDX-License-Identifier: Apache-2.0
// The fake device's script: what a line means, and that nonsense is named.
#include "sim/fake_device/fake_script.hpp"

#include "host/model/error.hpp"
#include "tests/catch.hpp"

using namespace squat;
using Catch::Matchers::Contains;
using sim::FakeAction;
using sim::FakeScript;

TEST_CASE("fake script: calls are counted per device and kind") {
  FakeScript script = FakeScript::parse(
      "devices 3   # three\n\n"
      "set 0x104 0xabc\n"
      "upload 2 fail 5\n"
      "device 1 run 3+ late 20\n",
      "text");
  CHECK(script.devices == 3);
  CHECK(script.registers.at(0x104) == 0xabc);
  CHECK(script.next(0, "upload") == nullptr);
  const sim::FakeRule* second = script.next(0, "upload");
  REQUIRE(second != nullptr);
  CHECK(second->action == FakeAction::kFail);
  CHECK(second->number == 5);
  CHECK(script.next(0, "upload") == nullptr);
  CHECK(script.next(1, "upload") == nullptr);  // the first of device 1
  for (int i = 0; i < 2; ++i) CHECK(script.next(1, "run") == nullptr);
  for (int i = 0; i < 3; ++i) {
    const sim::FakeRule* late = script.next(1, "run");
    REQUIRE(late != nullptr);
    CHECK(late->action == FakeAction::kLate);
    CHECK(late->number == 20);
    CHECK(script.next(0, "run") == nullptr);
  }
}

TEST_CASE("fake script: what is not understood is named with its line") {
  const auto check = [](const std::string& text, const std::string& message) {
    CAPTURE(text);
    CHECK_THROWS_WITH(FakeScript::parse("\n" + text, "text"), Contains("text line 2") && Contains(message));
  };
  check("explode 1", "expected a call");
  check("upload 1 explode", "expected what happens");
  check("upload x fail", "expected what happens");
  check("upload 1 fail many", "expected a number, found 'many'");
  check("upload 1 fail 5 6", "expected the end of the line, found '6'");
  check("devices", "expected how many devices");
  check("set 0x10", "expected a register value");
  check("device one run never", "expected the number of a device");
}
