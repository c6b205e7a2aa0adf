// SPDX-License-Identifier: Apache-2.0
#include "qat/checkpoint/checkpoint.hpp"

#include "host/model/safetensors.hpp"
#include "tests/qat/checkpoint/stored_run.hpp"

namespace squat::qat {

namespace fs = std::filesystem;

using toy::Stored;

TEST_CASE("what is saved is loaded, the newest first, and only three are kept") {
  const test::TemporaryDirectory dir;
  CheckpointStore store(dir.path() / "deep" / "er");
  toy::Run run;
  toy::Run fresh;
  CHECK_FALSE(fresh.load(store));
  for (int i = 0; i < 5; ++i) {
    run.step();
    run.state.extra = {{"note", i}};
    run.state.seed = 0xffffffffffffffffu;
    store.save(run.set, run.adam, run.state);
  }
  CHECK(store.steps() == std::vector<std::int64_t>{5, 4, 3});
  REQUIRE(fresh.load(store));
  CHECK(fresh.same_as(run));
  CHECK(fresh.state.extra == nlohmann::json{{"note", 4}});
  CHECK(fresh.state.seed == 0xffffffffffffffffu);
  run.step();
  fresh.step();
  CHECK(fresh.same_as(run));
  store.save(run.set, run.adam, run.state);
  store.save(run.set, run.adam, run.state);
  CHECK(store.steps() == std::vector<std::int64_t>{6, 5, 4});
}

TEST_CASE("a checkpoint is a safetensors file") {
  const Stored stored;
  const model::SafetensorsFile file(stored.newest() / "state.safetensors");
  REQUIRE(file.find("value.weights") != nullptr);
  CHECK(file.find("second_moment.weights.alpha")->shape == model::Shape{1});
  CHECK(file.metadata().count("squat.run") == 1);
}

TEST_CASE("another model, another configuration and damage everywhere are errors") {
  Stored stored;
  CheckpointStore store(stored.dir.path());
  toy::Run other;
  other.state.configuration = "another";
  CHECK_THAT(test::input_error_of([&] { other.load(store); }), Catch::Contains("other settings"));
  ParameterSet smaller;
  smaller.add("weights", {50, 40}, ParameterKind::kMatrix);
  AdamW adam(smaller, {});
  RunState state;
  state.configuration = "toy";
  CHECK_THAT(test::input_error_of([&] { store.load_latest(smaller, adam, state, [](const std::string&) {}); }),
             Catch::Contains("another model"));
  for (const std::int64_t step : store.steps()) test::write_bytes(store.path_of(step) / "state.safetensors", "x");
  toy::Run run;
  CHECK_THAT(test::input_error_of([&] { run.load(store); }), Catch::Contains("damaged ones only"));
}

TEST_CASE("values are loaded into a model that has fewer parameters, and into no other") {
  const Stored stored;
  ParameterSet plain;
  plain.add("norm", {40}, ParameterKind::kNorm);
  plain.add("weights", {50, 40}, ParameterKind::kMatrix);
  load_values(stored.newest(), plain);
  const auto same = [&](const char* name) {
    const auto from = static_cast<std::size_t>(stored.third.set.find(name)), to = static_cast<std::size_t>(plain.find(name));
    return std::equal(plain.value(to), plain.value(to) + plain.info(to).size, stored.third.set.value(from));
  };
  CHECK(same("norm"));
  CHECK(same("weights"));
  ParameterSet more = plain, other;
  more.add("more", {1}, ParameterKind::kNorm);
  other.add("norm", {8, 5}, ParameterKind::kNorm);
  CHECK_THAT(test::input_error_of([&] { load_values(stored.newest(), more); }),
             Catch::Contains("'more' of this model, found none"));
  CHECK_THAT(test::input_error_of([&] { load_values(stored.newest(), other); }),
             Catch::Contains("'norm' of this model, found another shape"));
  std::string bytes = test::read_bytes(stored.newest() / "state.safetensors");
  bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] ^ 4);
  test::write_bytes(stored.newest() / "state.safetensors", bytes);
  CHECK_THAT(test::input_error_of([&] { load_values(stored.newest(), plain); }), Catch::Contains("checksum"));
  test::input_error_of([&] { load_values(stored.dir.path() / "none", plain); });
}

TEST_CASE("leftovers of an interrupted save are removed, other files are not") {
  const Stored stored;
  fs::create_directory(stored.dir.path() / "step-000000004.tmp-abcdef");
  fs::create_directory(stored.dir.path() / "step-000000001.old");
  test::write_bytes(stored.dir.path() / "notes.txt", "mine");
  const CheckpointStore store(stored.dir.path());
  CHECK_FALSE(fs::exists(stored.dir.path() / "step-000000004.tmp-abcdef"));
  CHECK_FALSE(fs::exists(stored.dir.path() / "step-000000001.old"));
  CHECK(fs::exists(stored.dir.path() / "notes.txt"));
  CHECK(store.steps().size() == 3);
}

}  // namespace squat::qat
