// SPDX-License-Identifier: Apache-2.0
// Logits of the library's engines against the golden model, on every device of the build, and what engines refuse.
#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "tests/host/api/support.hpp"

using namespace squat;
using namespace squat::test;

namespace {

EngineOptions on(const std::string& device) {
  EngineOptions options;
  options.device = device;
  return options;
}

bool built(const std::string& device) {
  const std::vector<std::string> all = Engine::devices();
  return std::find(all.begin(), all.end(), device) != all.end();
}

}  // namespace

TEST_CASE("library: prefill and decode give the golden model's logits") {
  const Fixture fixture;
  const std::vector<int> ids = random_ids(150, fixture.integers.config.vocab_size, 3);  // two passes
  for (const char* device : {"cpu", "ref"}) {
    INFO(device);
    Engine engine(fixture.open(), on(device));
    CHECK(engine.device() == device);
    CHECK(engine.time_source() == "measured");
    const Logits prefill = engine.prefill({ids.begin(), ids.end() - 1});
    CHECK(engine.position() == 149);
    CHECK(prefill.scale == fixture.integers.logit_scale);
    CHECK(prefill.values == golden_logits(fixture.integers, {ids.begin(), ids.end() - 1}));
    CHECK(engine.decode(ids.back()).values == golden_logits(fixture.integers, ids));
    engine.reset();
    CHECK(engine.position() == 0);
    CHECK(engine.decode(ids[0]).values == golden_logits(fixture.integers, {ids[0]}));
  }
}

TEST_CASE("library: the simulated accelerator gives them too, through each of its transports") {
  if (!built("sim")) return;
  RandomModelSpec spec;
  spec.layers = 1;
  const Fixture fixture(spec);
  const std::vector<int> ids = {5, 17, 60, 3};
  for (const char* transport : {"auto", "direct"}) {
    INFO(transport);
    EngineOptions options = on("sim");
    options.transport = transport;
    Engine engine(fixture.open(), options);
    CHECK(engine.time_source() == "rtl-simulated");
    CHECK(engine.prefill(ids).values == golden_logits(fixture.integers, ids));
    GenerateOptions how;
    how.tokens = 2;
    engine.reset();
    const Generated made = engine.generate(ids, how);
    CHECK(made.ids == golden_continuation(fixture.integers, ids, 2));
    CHECK(made.prompt_ms > 0.0);
    CHECK(made.decode_ms > 0.0);
  }
}

TEST_CASE("library: a device that was stopped refuses to go on until it is reset") {
  if (!built("sim")) return;
  RandomModelSpec spec;
  spec.layers = 1;
  const Fixture fixture(spec);
  std::atomic<bool> stop{false};
  EngineOptions options = on("sim");
  options.transport = "direct";
  options.stop = [&stop] { return stop.load(); };
  Engine engine(fixture.open(), options);
  engine.prefill({5, 17});
  stop = true;
  check_error(ExitCode::kDeviceFailed, "stop", [&] { engine.decode(60); });
  stop = false;
  check_error(ExitCode::kDeviceFailed, "call reset()", [&] { engine.decode(60); });
  engine.reset();
  CHECK(engine.position() == 0);
  CHECK(engine.prefill({5, 17, 60}).values == golden_logits(fixture.integers, {5, 17, 60}));
}

TEST_CASE("library: another width policy is the golden model's under that policy") {
  const Fixture fixture;
  const std::vector<int> ids = random_ids(40, fixture.integers.config.vocab_size, 9);
  const std::vector<std::int32_t> own = golden_logits(fixture.integers, ids);
  Widths half;
  half.activations = "mixed";
  half.rule = "budget";
  half.share = 0.75;
  for (const Widths& widths : {Widths{"8", "", 1.0, 0}, Widths{"4", "", 0.0, 0}, half}) {
    INFO(widths.activations);
    model::IntegerModel changed = fixture.integers;
    changed.widths.activations = widths.activations == "8"   ? model::Activations::k8
                                 : widths.activations == "4" ? model::Activations::k4
                                                             : model::Activations::kMixed;
    changed.widths.rho_num = 768;
    EngineOptions options;
    options.widths = widths;
    Engine engine(fixture.open(), options);
    CHECK(engine.widths().activations == widths.activations);
    CHECK(engine.widths().share == widths.share);
    const std::vector<std::int32_t> found = engine.prefill(ids).values;
    CHECK(found == golden_logits(changed, ids));
    CHECK(found != own);
  }
  EngineOptions options;
  options.widths = Widths{"mixed", "budget", 1.5, 0};
  check_error(ExitCode::kUsage, "expected 0 to 1", [&] { Engine(fixture.open(), options); });
  options.widths = Widths{"mixed", "biggest", 0.5, 0};
  check_error(ExitCode::kUsage, "biggest", [&] { Engine(fixture.open(), options); });
  RandomModelSpec uniform;
  uniform.activations = model::Activations::k8;
  options.widths = half;
  check_error(ExitCode::kUsage, "--activations mixed", [&] { Engine(Fixture(uniform).open(), options); });
}

TEST_CASE("library: several engines of one model work at the same time, and outlive it") {
  const Fixture fixture;
  const std::vector<int> ids = random_ids(60, fixture.integers.config.vocab_size, 4);
  std::vector<Engine> engines;
  {
    const Model model = fixture.open();
    for (int i = 0; i < 2; ++i) {
      EngineOptions options;
      options.threads = 1 + i;
      engines.emplace_back(model, options);
    }
  }
  std::vector<Logits> found(2);
  std::thread other([&] { found[1] = engines[1].prefill(ids); });
  found[0] = engines[0].prefill(ids);
  other.join();
  const std::vector<std::int32_t> wanted = golden_logits(fixture.integers, ids);
  CHECK(found[0].values == wanted);
  CHECK(found[1].values == wanted);
  Engine moved = std::move(engines[0]);
  CHECK(moved.position() == 60);
  CHECK(moved.model().config().vocabulary == fixture.integers.config.vocab_size);
}

TEST_CASE("library: what an engine refuses leaves its sequence as it was") {
  RandomModelSpec spec;
  spec.max_positions = 140;
  const Fixture fixture(spec);
  Engine engine(fixture.open());
  CHECK(engine.context() == 140);
  const std::vector<int> start = {4, 5};
  engine.prefill(start);
  std::vector<int> late(138, 7);
  late[130] = spec.vocab;  // in the second pass
  check_error(ExitCode::kUsage, "expected 0 to 95", [&] { engine.prefill(late); });
  check_error(ExitCode::kUsage, "expected 0 to 95", [&] { engine.decode(-1); });
  check_error(ExitCode::kUsage, "141 positions", [&] { engine.prefill(std::vector<int>(139, 7)); });
  check_error(ExitCode::kUsage, "expected 1 or more", [&] { engine.prefill({}); });
  CHECK(engine.position() == 2);
  CHECK(engine.decode(6).values == golden_logits(fixture.integers, {4, 5, 6}));

  spec.rule = hls::WidthRule::kSequence;
  const Fixture whole(spec);
  Engine ranking(whole.open());
  check_error(ExitCode::kUsage, "ranks the whole prompt", [&] { ranking.prefill(std::vector<int>(129, 7)); });
  CHECK(ranking.position() == 0);
  ranking.prefill({1, 2, 3});
  check_error(ExitCode::kUsage, "ranks a whole prompt", [&] { ranking.prefill({1, 2}); });
  ranking.decode(4);
  CHECK(ranking.position() == 4);
}

TEST_CASE("library: options out of range, unread, or of devices that are not there") {
  const Fixture fixture;
  const auto refused = [&](ExitCode code, const std::string& text, const std::function<void(EngineOptions&)>& change) {
    EngineOptions options;
    change(options);
    check_error(code, text, [&] { Engine(fixture.open(), options); });
  };
  refused(ExitCode::kUsage, "cpu, ref, sim, fpga", [](EngineOptions& o) { o.device = "estimate"; });
  refused(ExitCode::kUsage, "1 to 256", [](EngineOptions& o) { o.threads = 0; });
  refused(ExitCode::kUsage, "0 to 15", [](EngineOptions& o) { o.number = 16; });
  refused(ExitCode::kUsage, "auto, xrt, direct", [](EngineOptions& o) { o.transport = "usb"; });
  refused(ExitCode::kUsage, "kv260", [](EngineOptions& o) { o.config = "none"; });
  refused(ExitCode::kUsage, "--config", [](EngineOptions& o) { o.config = "kv260"; });
  refused(ExitCode::kUsage, "--xclbin", [](EngineOptions& o) { o.xclbin = "a.xclbin"; });
  refused(ExitCode::kUsage, "--time-limit", [](EngineOptions& o) { o.time_limit = std::chrono::seconds(1); });
  refused(ExitCode::kUsage, "100 to", [](EngineOptions& o) { o.time_limit = std::chrono::milliseconds(1); });
  refused(ExitCode::kDeviceUnavailable, "scalar", [](EngineOptions& o) { o.kernel = "none"; });
  refused(ExitCode::kDeviceUnavailable, "--xclbin", [](EngineOptions& o) { o.device = "fpga"; });
  CHECK(built("cpu"));
  CHECK(built("ref"));
  CHECK_FALSE(Engine::driver_left_behind());
}
