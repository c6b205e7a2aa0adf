// SPDX-License-Identifier: Apache-2.0
// A read that fails half-way leaves a device that can be used.
#include "host/engine/generation.hpp"

#include <string>
#include <utility>
#include <vector>

#include "host/backends/ref/ref_device.hpp"
#include "host/model/error.hpp"
#include "tests/catch.hpp"
#include "tests/support/random_model.hpp"

using namespace squat;

namespace {

/// The golden model, which knows whether it is tapped and fails at its second pass.
class Failing : public engine::Device {
 public:
  explicit Failing(const model::IntegerModel& m) : inner_(m) {}
  std::string name() const override { return "failing"; }
  const model::IntegerModel& model() const override { return inner_.model(); }
  void reset() override { inner_.reset(); }
  int position() const override { return inner_.position(); }
  engine::CachedLayer cached(int layer) override { return inner_.cached(layer); }
  bool set_tap(engine::Tap tap) override {
    tapped = static_cast<bool>(tap);
    return inner_.set_tap(std::move(tap));
  }
  engine::PassResult run(const std::vector<int>& ids, engine::RowRange rows) override {
    was_tapped = was_tapped || tapped;
    if (position() > 0) throw Error(ExitCode::kDeviceFailed, "the second pass");
    return inner_.run(ids, rows);
  }
  bool tapped = false, was_tapped = false;

 private:
  backends::RefDevice inner_;
};

}  // namespace

TEST_CASE("generation: a pass that fails takes the tap down") {
  const model::IntegerModel m = test::random_model({});
  Failing device(m);
  engine::Generation generation(device, 0, true);
  CHECK_THROWS_AS(generation.read({1, 2, 3, 4, 5, 6}, 3), Error);
  CHECK(device.was_tapped);
  CHECK_FALSE(device.tapped);
}
