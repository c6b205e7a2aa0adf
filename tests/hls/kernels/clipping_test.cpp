// SPDX-License-Identifier: Apache-2.0
// The leaf is_clipped for every code and width.
#include "hls/leaves/clipping.hpp"

#include "hls/ap/ap_numbers.hpp"
#include "tests/catch.hpp"

TEMPLATE_TEST_CASE("leaf: codes at an end of their range", "[kernels]", squat::hls::NativeNumbers, squat::hls::ApNumbers) {
  for (int code = -128; code < 128; ++code) {
    INFO("code " << code);
    CHECK(squat::hls::leaf::is_clipped<TestType>(code, true) == (code < -127 || code > 126));
    if (code % 8 == 0) CHECK(squat::hls::leaf::is_clipped<TestType>(code, false) == (code == -8 * 8 || code == 7 * 8));
  }
}
