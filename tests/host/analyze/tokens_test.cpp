// SPDX-License-Identifier: Apache-2.0
// Importance scores and shares of 8-bit tokens.
#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "host/analyze/importance.hpp"
#include "host/analyze/rounding.hpp"
#include "host/analyze/width_shares.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/support.hpp"

namespace squat::analyze {
namespace {

using Widths = std::vector<std::uint8_t>;

struct TokensFixture {
  TokensFixture() {
    std::mt19937 random(17);
    for (int i = 0; i < 4 * 32; ++i) text.ids.push_back(static_cast<int>(random() % 48));
    text.window = 32;
    calibration.windows = 4;
    calibration.window = 32;
    calibration.samples = 3000;
  }
  reference::FakeQuant mixed(hls::WidthRule rule, double rho) const {
    RoundingOptions how;
    how.mixed = true;
    how.rule = rule;
    how.rho = rho;
    return calibrated_rounding(m, text.ids, how, calibration);
  }
  model::FloatModel m = quantize::random_float_model(test::small_config(true), 33, 0.35f);
  StudyText text;
  quantize::CalibrationOptions calibration;
};

}  // namespace

TEST_CASE("the highest scores are chosen, token 0 first, ties to the earlier") {
  CHECK(choose_highest({0, 5, 1, 5, 9}, 0.6) == Widths{1, 1, 0, 0, 1});
  CHECK(choose_highest({0, 5, 1, 5, 9}, 0.61) == Widths{1, 1, 0, 1, 1});
  CHECK(choose_highest({0, 5, 1, 5, 9}, 0.0) == Widths{1, 0, 0, 0, 0});
  CHECK(choose_highest({0, 5, 1, 5, 9}, 1.0) == Widths{1, 1, 1, 1, 1});
}

TEST_CASE("scores of two small maps by hand") {
  // Two heads, three tokens.
  const std::vector<float> maps = {1, 0, 0, 0.5f, 0.5f, 0, 0.25f, 0.25f, 0.5f, 1, 0, 0, 0.25f, 0.75f, 0, 0.5f, 0, 0.5f};
  const auto check = [&](Importance score, const std::vector<double>& expected) {
    const std::vector<double> found = attention_scores(score, maps, 2, 3);
    REQUIRE(found.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(found[i] == Approx(expected[i]));
  };
  check(Importance::kFirst, {1, 0.375, 0.375});
  check(Importance::kReceivedSum, {(1.75 + 1.75) / 2, (0.75 + 0.75) / 2, 0.5});
  check(Importance::kReceived, {3.5 / 2 / 3, 1.5 / 2 / 2, 0.5});
}

TEST_CASE("choosing by attention to the first token is the sequence rule") {
  const TokensFixture f;
  for (const double rho : {0.25, 0.5}) {
    const reference::FakeQuant fake = f.mixed(hls::WidthRule::kSequence, rho);
    const StudyResult rule = perplexities(f.m, {fake}, f.text, 1)[0];
    const auto rows = study_importance(f.m, fake, f.text, {rho}, 2, {}, 2);
    REQUIRE(rows.size() == 2 + 3 + 2);  // ends, attention scores, seeds
    CHECK(rows[0].score == "all 4 bit");
    CHECK(rows[0].result.eight_bit_share == 0);
    CHECK(rows[1].result.eight_bit_share == 1);
    CHECK(rows[2].score == importance_name(Importance::kFirst));
    CHECK(rows[2].result.perplexity == Approx(rule.perplexity).epsilon(1e-9));
    for (std::size_t i = 2; i < rows.size(); ++i) CHECK(rows[i].result.eight_bit_share == Approx(rho));
    CHECK(rows[5].result.perplexity != rows[6].result.perplexity);  // another seed, other tokens
    CHECK(study_importance(f.m, fake, f.text, {rho}, 2, {}, 1)[6].result.perplexity == rows[6].result.perplexity);
  }
}

TEST_CASE("gradients choose window by window and layer by layer") {
  const TokensFixture f;
  const reference::FakeQuant fake = f.mixed(hls::WidthRule::kSequence, 0.5);
  // Stand-ins for gradients that say which window and layer they are for: the choice can be repeated by the rule of a pass.
  std::map<const int*, int> window_of;
  for (int w = 0; w < 4; ++w) window_of[f.text.start(w)] = w;
  const auto score = [](int window, int layer, int token) { return std::sin(1 + token * (1.3 + window) + 7.7 * layer); };
  const WindowGradients gradients = [&](const int* ids, int tokens) {
    std::vector<std::vector<double>> all;
    for (int l = 0; l < f.m.config.layers; ++l) {
      all.emplace_back();
      for (int t = 0; t < tokens; ++t) all.back().push_back(score(window_of.at(ids), l, t));
    }
    return all;
  };
  const auto rows = study_importance(f.m, fake, f.text, {0.5}, 1, gradients, 1);
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [](const ImportanceRow& r) { return r.score == importance_name(Importance::kGradient); });
  REQUIRE(row != rows.end());
  double nll = 0;
  for (int w = 0; w < 4; ++w) {
    reference::FakeQuant own = fake;
    own.chooser = [&, w](int layer, const std::vector<float>&, int tokens) {
      std::vector<std::pair<double, int>> order;
      for (int t = 1; t < tokens; ++t) order.emplace_back(-score(w, layer, t), t);
      std::sort(order.begin(), order.end());
      Widths eight(static_cast<std::size_t>(tokens), 0);
      eight[0] = 1;
      for (int i = 0; i < tokens / 2 - 1; ++i) eight[static_cast<std::size_t>(order[static_cast<std::size_t>(i)].second)] = 1;
      return eight;
    };
    StudyText one = f.text;
    one.ids.assign(f.text.start(w), f.text.start(w) + 32);
    nll += std::log(perplexities(f.m, {own}, one, 1)[0].perplexity) / 4;
  }
  CHECK(row->result.perplexity == Approx(std::exp(nll)));
}

TEST_CASE("shares by layer and position count the tokens of every pass") {
  const TokensFixture f;
  const reference::FakeQuant fake = f.mixed(hls::WidthRule::kSequence, 0.25);
  const std::vector<WidthShare> rows = width_shares(f.m, fake, f.text, 4);
  REQUIRE(rows.size() == 2);
  // The rule again, from the scores that the pass reports: the 8 highest of 32, token 0 among them.
  reference::FloatReference r(f.m, fake);
  std::vector<std::vector<double>> counts(2, std::vector<double>(4, 0.0));
  for (int w = 0; w < 4; ++w) {
    r.forward(f.text.start(w), 32);
    for (int l = 0; l < 2; ++l) {
      std::vector<std::pair<std::int64_t, int>> order;
      for (int t = 1; t < 32; ++t) order.emplace_back(-static_cast<std::int64_t>(r.scores(l)[static_cast<std::size_t>(t)]), t);
      std::sort(order.begin(), order.end());
      counts[static_cast<std::size_t>(l)][0] += 1;
      for (std::size_t i = 0; i < 7; ++i)
        counts[static_cast<std::size_t>(l)][static_cast<std::size_t>(order[i].second / 8)] += 1;
    }
  }
  for (std::size_t l = 0; l < 2; ++l) {
    CHECK(rows[l].share == Approx(0.25));
    for (std::size_t p = 0; p < 4; ++p) CHECK(rows[l].by_position[p] == Approx(counts[l][p] / 32));
  }
  for (const WidthShare& row : width_shares(f.m, f.mixed(hls::WidthRule::kReversed, 0.5), f.text, 1)) {
    CHECK(row.by_position == std::vector<double>{row.share});
    CHECK(row.share == Approx(0.5));
  }
}

}  // namespace squat::analyze
