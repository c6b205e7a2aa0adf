// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/class_scores.hpp"

#include <cmath>
#include <random>
#include <vector>

#include "host/evaluate/class_predictions.hpp"
#include "tests/host/support.hpp"

namespace squat::evaluate {
namespace {

/// The definitions over lists of classes, one example at a time.
struct Lists {
  int classes = 2;
  std::vector<int> truths, predictions;

  double accuracy() const {
    double right = 0;
    for (std::size_t i = 0; i < truths.size(); ++i) right += truths[i] == predictions[i] ? 1 : 0;
    return right / static_cast<double>(truths.size());
  }
  /// The harmonic mean of precision and recall.
  double f1(int c) const {
    double hits = 0, predicted = 0, true_ones = 0;
    for (std::size_t i = 0; i < truths.size(); ++i) {
      hits += truths[i] == c && predictions[i] == c;
      predicted += predictions[i] == c;
      true_ones += truths[i] == c;
    }
    if (hits == 0) return 0;
    const double precision = hits / predicted, recall = hits / true_ones;
    return 2 * precision * recall / (precision + recall);
  }
  /// The correlation of the indicator vectors, summed over the classes.
  double correlation() const {
    const auto covariance = [&](const std::vector<int>& a, const std::vector<int>& b) {
      const auto n = static_cast<double>(a.size());
      double sum = 0;
      for (int c = 0; c < classes; ++c) {
        double mean_a = 0, mean_b = 0;
        for (const int x : a) mean_a += (x == c) / n;
        for (const int x : b) mean_b += (x == c) / n;
        for (std::size_t i = 0; i < a.size(); ++i) sum += ((a[i] == c) - mean_a) * ((b[i] == c) - mean_b);
      }
      return sum;
    };
    const double spread = covariance(truths, truths) * covariance(predictions, predictions);
    return spread < 1e-12 ? 0 : covariance(truths, predictions) / std::sqrt(spread);
  }
  Confusion confusion() const {
    Confusion all(classes);
    for (std::size_t i = 0; i < truths.size(); ++i) all.add(truths[i], predictions[i]);
    return all;
  }
};

}  // namespace

TEST_CASE("accuracy, F1 and Matthews' coefficient are their definitions") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Lists lists;
    lists.classes = 2 + round % 4;
    const auto any = [&] { return static_cast<int>(random() % static_cast<unsigned>(lists.classes)); };
    for (int i = 0; i < 1 + round % 37; ++i) {
      lists.truths.push_back(any());
      lists.predictions.push_back(random() % 2 == 0 ? lists.truths.back() : any());
    }
    const ClassScores scores = class_scores(lists.confusion());
    INFO(round);
    const double a = lists.accuracy(), n = static_cast<double>(lists.truths.size());
    CHECK(scores.examples == static_cast<std::int64_t>(lists.truths.size()));
    CHECK(scores.accuracy == Approx(a));
    REQUIRE(scores.error.has_value() == (n > 1));
    if (n > 1) CHECK(*scores.error == Approx(std::sqrt(a * (1 - a) / (n - 1))));
    CHECK(scores.matthews == Approx(lists.correlation()).margin(1e-9));
    double macro = 0;
    for (int c = 0; c < lists.classes; ++c) macro += lists.f1(c) / lists.classes;
    CHECK(scores.f1_macro == Approx(macro));
    REQUIRE(scores.f1.has_value() == (lists.classes == 2));
    if (scores.f1) CHECK(*scores.f1 == Approx(lists.f1(1)));
    CHECK(score_of(scores, Metric::kAccuracy) == scores.accuracy);
    CHECK(score_of(scores, Metric::kMatthews) == scores.matthews);
    CHECK(score_of(scores, Metric::kF1) == scores.f1.value_or(scores.f1_macro));
  }
}

TEST_CASE("known values, and predictions that are all the same") {
  // Of three positive and one negative example two and none are found: -1/3.
  const Lists known{2, {1, 1, 1, 0}, {1, 0, 1, 1}};
  CHECK(class_scores(known.confusion()).matthews == Approx(-1.0 / 3));
  const Lists perfect{3, {0, 1, 2, 1}, {0, 1, 2, 1}};
  CHECK(class_scores(perfect.confusion()).matthews == Approx(1));
  CHECK(class_scores(perfect.confusion()).f1_macro == Approx(1));
  const Confusion always = known.confusion().constant(1);
  CHECK(always.at(0, 1) == 1);
  CHECK(always.at(1, 1) == 3);
  CHECK(always.predicted(0) == 0);
  const ClassScores scores = class_scores(always);
  CHECK(scores.accuracy == Approx(0.75));
  CHECK(scores.f1.value() == Approx(6.0 / 7));
  CHECK(scores.matthews == 0);
  CHECK(class_scores(known.confusion().constant(0)).f1.value() == 0);
}

TEST_CASE("metrics have names") {
  for (const Metric metric : {Metric::kAccuracy, Metric::kF1, Metric::kMatthews})
    CHECK(parse_metric(metric_name(metric)) == metric);
  CHECK_FALSE(parse_metric("F1"));
}

TEST_CASE("the answer is the largest logit among the classes' tokens, of equal ones the first") {
  const std::vector<std::int32_t> integers = {9, 1, 5, 5, /* second row */ 9, 7, -3, -2};
  const std::vector<float> reals = {0.5f, 0.25f, 0.25f, 0.75f};
  CHECK(likeliest({nullptr, integers.data(), 1}, 0, 4, {1, 2, 3}) == 1);
  CHECK(likeliest({nullptr, integers.data(), 1}, 0, 4, {3, 2, 1}) == 0);
  CHECK(likeliest({nullptr, integers.data(), 1}, 1, 4, {3, 2, 1}) == 2);
  CHECK(likeliest({reals.data(), nullptr, 1}, 0, 4, {1, 2, 3}) == 2);

  // A model whose logits are its last token's, over any number of workers.
  std::vector<std::vector<int>> texts;
  for (int i = 0; i < 50; ++i) texts.push_back({0, i % 4});
  const auto worker = [] {
    return [row = std::vector<std::int32_t>()](const int* ids, int tokens) mutable {
      row.assign(4, 0);
      row[static_cast<std::size_t>(ids[tokens - 1])] = 5;
      return LogitsView{nullptr, row.data(), 1};
    };
  };
  for (const int workers : {1, 3}) {
    const std::vector<LogitsFunction> all(static_cast<std::size_t>(workers), worker());
    const std::vector<int> classes = predict_classes(texts, 4, {3, 1}, all);
    REQUIRE(classes.size() == 50);
    for (int i = 0; i < 50; ++i) CHECK(classes[static_cast<std::size_t>(i)] == (i % 4 == 1 ? 1 : 0));
  }
}

}  // namespace squat::evaluate
