// SPDX-License-Identifier: Apache-2.0
// Greedy text of the library against a loop over the golden model, and every way in which it ends.
#include <stdexcept>

#include "tests/host/api/support.hpp"

using namespace squat;
using namespace squat::test;

namespace {

GenerateOptions tokens(int count) {
  GenerateOptions options;
  options.tokens = count;
  return options;
}

}  // namespace

TEST_CASE("library: generated tokens are the likeliest ones, and a sequence can be gone on with") {
  const Fixture fixture;
  const std::vector<int> prompt = {3, 44, 71}, wanted = golden_continuation(fixture.integers, prompt, 6);
  Engine engine(fixture.open());
  std::vector<int> seen;
  const Generated made = engine.generate(prompt, tokens(4), [&](const Token& token) {
    CHECK(token.text.empty());  // no vocabulary
    seen.push_back(token.id);
    return true;
  });
  CHECK(made.ids == std::vector<int>(wanted.begin(), wanted.begin() + 4));
  CHECK(seen == made.ids);
  CHECK(made.stopped == StopReason::kLength);
  CHECK(made.text.empty());
  CHECK(engine.position() == 6);  // the last one is not read
  const Generated more = engine.generate({made.ids.back()}, tokens(2));
  CHECK(more.ids == std::vector<int>(wanted.begin() + 4, wanted.end()));

  engine.reset();
  GenerateOptions small = tokens(6);
  small.chunk = 1;
  CHECK(engine.generate(prompt, small).ids == wanted);
}

TEST_CASE("library: a generation ends at the end-of-text token, a full context, a callback") {
  RandomModelSpec spec;
  spec.max_positions = 6;
  model::IntegerModel m = random_model(spec);
  const std::vector<int> prompt = {3, 44, 71}, wanted = golden_continuation(m, prompt, 4);
  {
    Engine engine(Fixture(m).open());
    const Generated full = engine.generate(prompt, tokens(32));
    CHECK(full.stopped == StopReason::kContext);
    CHECK(full.ids == wanted);  // positions 3, 4, 5 are read, and one more is chosen
    CHECK(engine.position() == 6);
    check_error(ExitCode::kUsage, "7 positions", [&] { engine.generate({1}, tokens(1)); });
    engine.reset();
    int calls = 0;
    const Generated asked = engine.generate(prompt, tokens(4), [&](const Token&) { return ++calls < 2; });
    CHECK(asked.stopped == StopReason::kCallback);
    CHECK(asked.ids == std::vector<int>(wanted.begin(), wanted.begin() + 2));
    CHECK(calls == 2);
  }
  m.config.eos_id = wanted[0];
  const Generated ended = Engine(Fixture(m).open()).generate(prompt, tokens(4));
  CHECK(ended.stopped == StopReason::kEnd);
  CHECK(ended.ids == std::vector<int>{wanted[0]});
  CHECK(ended.decode_ms == 0.0);
}

TEST_CASE("library: what a callback throws leaves generate, and the engine goes on") {
  const Fixture fixture;
  Engine engine(fixture.open());
  CHECK_THROWS_AS(engine.generate({3, 44}, tokens(4), [](const Token&) -> bool { throw std::out_of_range("mine"); }),
                  std::out_of_range);
  CHECK(engine.position() == 2);
  CHECK(engine.decode(71).values == golden_logits(fixture.integers, {3, 44, 71}));
  check_error(ExitCode::kUsage, "1 to 128", [&] {
    GenerateOptions options;
    options.chunk = 0;
    engine.generate({3}, options);
  });
  check_error(ExitCode::kUsage, "tokens is 0", [&] { engine.generate({3}, tokens(0)); });
  CHECK(engine.position() == 3);
}

TEST_CASE("library: a text is continued in whole characters, all pieces together the text of its tokens") {
  RandomModelSpec spec;
  spec.vocab = 1024;
  const std::filesystem::path tales = std::filesystem::path(SQUAT_SOURCE_DIR) / "models" / "tales" / "fp32";
  const Fixture fixture(random_model(spec), tales);
  const Model model = fixture.open();
  const std::string prompt = "There was once";
  Engine engine(model);
  std::string pieces;
  const auto collect = [&](const Token& token) {
    pieces += token.text;
    return true;
  };
  const Generated made = engine.generate_text(prompt, tokens(12), collect);
  const std::vector<int> start = model.encode(prompt);
  CHECK(made.ids == golden_continuation(fixture.integers, start, 12));
  std::vector<int> all = start;
  all.insert(all.end(), made.ids.begin(), made.ids.end());
  CHECK(prompt + made.text == model.decode(all));
  CHECK(made.text.compare(0, pieces.size(), pieces) == 0);

  // Later text follows without another begin-of-text token.
  const int before = engine.position();
  engine.generate_text(" a King", tokens(1), collect);
  CHECK(engine.position() == before + static_cast<int>(model.encode(" a King", false).size()));

  engine.reset();
  GenerateOptions silent = tokens(12);
  silent.text = false;
  const Generated quiet = engine.generate_text(prompt, silent);
  CHECK(quiet.ids == made.ids);
  CHECK(quiet.text.empty());
}
