// SPDX-License-Identifier: Apache-2.0
#include "qat/train/trainer.hpp"

#include <algorithm>
#include <cstring>

#include "qat/checkpoint/checkpoint.hpp"
#include "qat/train/run_directory.hpp"
#include "qat/train/validate.hpp"
#include "tests/qat/train/toy_model.hpp"

namespace squat::qat {
namespace {

namespace fs = std::filesystem;

bool same_values(const LanguageModel& a, const LanguageModel& b) {
  return std::memcmp(a.parameters().values(), b.parameters().values(), a.parameters().size() * sizeof(float)) == 0;
}

std::size_t lines_in(const fs::path& file) {
  const std::string text = test::read_bytes(file);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

struct Toy {
  test::TemporaryDirectory dir;
  TokenFile file{toy::write_tokens(dir.path())};
  Teachers none;

  TrainResult train(LanguageModel& model, const TrainOptions& options, int sequences = 4) {
    const WindowBatches data(file, sequences, 16, 9);
    return qat::train(model, data, none, options);
  }
};

}  // namespace

TEST_CASE("a run learns, logs every step, validates and keeps checkpoints") {
  Toy toy;
  toy::TableModel model;
  TrainOptions options = toy::options_for(toy.dir.path() / "run", 60);
  options.validate = [&] { return Validation{validation_perplexity(model, toy.file, {16, 50, 8})}; };
  options.validate_every = 20;
  const TrainResult result = toy.train(model, options);
  CHECK(result.last.step == 60);
  CHECK(result.resumed == 0);
  CHECK_FALSE(result.interrupted);
  CHECK(result.last.loss < 2.0);
  CHECK(result.last.perplexity < 8.0);
  CHECK(result.last.tokens == 60 * 64);
  CHECK(model.started_with == 4);
  CHECK(lines_in(toy.dir.path() / "run" / "log.csv") == 61);
  CHECK(lines_in(toy.dir.path() / "run" / "log.jsonl") == 60);
  const std::string csv = test::read_bytes(toy.dir.path() / "run" / "log.csv");
  CHECK_THAT(csv, Catch::StartsWith("step,tokens,loss,ce,kl,"));
  CHECK(CheckpointStore(toy.dir.path() / "run" / "checkpoints").steps() == std::vector<std::int64_t>{60, 50, 40});

  // Nothing is left to do; the parameters are those of the end.
  toy::TableModel again;
  const TrainResult nothing = toy.train(again, options);
  CHECK(nothing.resumed == 60);
  CHECK(again.calls == 0);
  CHECK(same_values(model, again));
}

TEST_CASE("a stopped run continues with the same bits, and its log has no row twice") {
  Toy toy;
  toy::TableModel whole, part, rest;
  toy.train(whole, toy::options_for(toy.dir.path() / "whole", 40));
  TrainOptions options = toy::options_for(toy.dir.path() / "run", 40);
  int asked = 0;
  options.stop = [&] { return ++asked == 17; };
  const TrainResult stopped = toy.train(part, options);
  CHECK(stopped.interrupted);
  CHECK(stopped.last.step == 17);
  // Rows behind the checkpoint, and a torn one, as a run that was killed leaves them.
  const fs::path csv = toy.dir.path() / "run" / "log.csv", json = toy.dir.path() / "run" / "log.jsonl";
  test::write_bytes(csv, test::read_bytes(csv) + "18,1,2,3\n19,1,");
  test::write_bytes(json, test::read_bytes(json) + "{\"step\":18,\"tokens\":1}\n{\"st");
  options.stop = {};
  const TrainResult result = toy.train(rest, options);
  CHECK(result.resumed == 17);
  CHECK(result.last.step == 40);
  CHECK(same_values(whole, rest));
  CHECK(lines_in(csv) == 41);
  CHECK(lines_in(json) == 40);
  CHECK_THAT(test::read_bytes(csv), !Catch::Contains("18,1,2,3"));
}

TEST_CASE("thresholds are measured at their steps and travel with the checkpoint") {
  Toy toy;
  toy::TableModel model, rest, none;
  TrainOptions options = toy::options_for(toy.dir.path() / "run", 40);
  std::vector<std::uint32_t> in_use;
  std::uint32_t measured = 0;
  options.thresholds_every = 15;
  options.measure_thresholds = [&] { return std::vector<std::uint32_t>{++measured, 70000}; };
  options.use_thresholds = [&](const std::vector<std::uint32_t>& values) { in_use = values; };
  int asked = 0;
  options.stop = [&] { return ++asked == 20; };
  toy.train(model, options);
  CHECK(in_use == std::vector<std::uint32_t>{1, 70000});  // at step 15
  in_use.clear();
  options.stop = [&] {
    if (asked++ == 20) CHECK(in_use == std::vector<std::uint32_t>{1, 70000});  // step 21, from the checkpoint
    return false;
  };
  toy.train(rest, options);
  CHECK(in_use == std::vector<std::uint32_t>{3, 70000});  // at step 30 and at the end
  TrainOptions nothing = toy::options_for(toy.dir.path() / "none", 0);
  nothing.measure_thresholds = options.measure_thresholds;
  nothing.use_thresholds = options.use_thresholds;
  toy.train(none, nothing);
  CHECK(in_use.at(0) == 4);  // also where nothing is trained
}

TEST_CASE("a refused run names the settings that differ") {
  Toy toy;
  toy::TableModel model;
  TrainOptions options = toy::options_for(toy.dir.path() / "run", 12);
  options.configuration = R"({"--lr":0.1,"--method":"lsq","--data":[1,2],"--tau":2.0})";
  toy.train(model, options);
  options.configuration = R"({"--lr":0.2,"--method":"lsq","--data":[1,3],"--gamma":0.5})";
  const std::string message = test::input_error_of([&] { toy.train(model, options); });
  CHECK_THAT(message, Catch::Contains("(--lr was 0.1 and is 0.2, --data has other contents, --tau was given, "
                                      "--gamma was not given)"));
}

TEST_CASE("other settings do not continue a run, and two processes do not share one") {
  Toy toy;
  toy::TableModel model;
  TrainOptions options = toy::options_for(toy.dir.path() / "run", 12);
  toy.train(model, options);
  options.configuration = "other";
  CHECK_THAT(test::input_error_of([&] { toy.train(model, options); }), Catch::Contains("other settings"));
  const RunDirectory held(toy.dir.path() / "run");
  CHECK_THROWS_WITH(toy.train(model, options), Catch::Contains("another process"));
}

TEST_CASE("a loss that is no number ends the run and leaves the last checkpoint") {
  Toy toy;
  toy::TableModel model;
  TrainOptions options = toy::options_for(toy.dir.path() / "run", 40);
  model.break_at_call = 27;
  try {
    toy.train(model, options);
    FAIL("expected an Error");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kCheckFailed);
    CHECK_THAT(error.what(), Catch::Contains("step 27") && Catch::Contains("loss") && Catch::Contains("step-000000020"));
  }
  toy::TableModel whole, rest;
  toy.train(rest, options);
  toy.train(whole, toy::options_for(toy.dir.path() / "whole", 40));
  CHECK(same_values(whole, rest));
}

TEST_CASE("accumulated batches are one large batch") {
  Toy toy;
  toy::TableModel large, small;
  TrainOptions options = toy::options_for(toy.dir.path() / "large", 30);
  const TrainResult one = toy.train(large, options, 4);
  options.directory = toy.dir.path() / "small";
  options.accumulate = 2;
  const TrainResult two = toy.train(small, options, 2);
  CHECK(one.last.tokens == two.last.tokens);
  CHECK(one.last.loss == Approx(two.last.loss).epsilon(1e-3));
  for (std::size_t i = 0; i < large.parameters().size(); ++i) {
    CHECK(large.parameters().values()[i] == Approx(small.parameters().values()[i]).epsilon(0.01).margin(2e-3));
  }
}

TEST_CASE("teachers speak to the student and must share its vocabulary") {
  Toy toy;
  toy.none.add(std::make_unique<toy::TableModel>());
  toy::TableModel model;
  toy.train(model, toy::options_for(toy.dir.path() / "run", 3));
  CHECK(model.teacher_logits == 4 * 16 * toy::kVocabulary);
  CHECK_THROWS_WITH(toy.none.add(std::make_unique<toy::TableModel>(25)), Catch::Contains("25"));
  CHECK_THROWS_AS(toy.none.add(std::make_unique<toy::TableModel>(), 0.0), Error);
}

}  // namespace squat::qat
