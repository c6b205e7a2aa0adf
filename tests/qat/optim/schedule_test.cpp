// SPDX-License-Identifier: Apache-2.0
#include "qat/optim/schedule.hpp"

#include "tests/catch.hpp"

namespace squat::qat {

TEST_CASE("the rate rises from 0, peaks after the warm-up and follows half a cosine") {
  const Schedule s{2.0, 4, 12, 0.0};
  CHECK(s.rate(0) == 0.0);
  CHECK(s.rate(2) == Approx(1.0));
  CHECK(s.rate(4) == Approx(2.0));
  CHECK(s.rate(8) == Approx(1.0));
  CHECK(s.rate(12) == Approx(0.0).margin(1e-12));
  CHECK(s.rate(100) == Approx(0.0).margin(1e-12));
}

TEST_CASE("no warm-up, a floor, and a warm-up that is the whole run") {
  CHECK(Schedule{2.0, 0, 10, 0.0}.rate(0) == Approx(2.0));
  CHECK(Schedule{2.0, 0, 10, 0.1}.rate(10) == Approx(0.2));
  CHECK(Schedule{2.0, 5, 5, 0.0}.rate(4) == Approx(1.6));
  CHECK(Schedule{2.0, 5, 5, 0.0}.rate(5) == Approx(2.0));
}

}  // namespace squat::qat
