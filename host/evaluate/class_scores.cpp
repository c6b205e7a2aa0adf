// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/class_scores.hpp"

#include <cmath>

namespace squat::evaluate {
namespace {

double f1_of(const Confusion& confusion, int c) {
  const auto both = static_cast<double>(confusion.truths(c) + confusion.predicted(c));  // 2 tp + fp + fn
  return both == 0 ? 0.0 : 2 * static_cast<double>(confusion.at(c, c)) / both;
}

}  // namespace

const char* metric_name(Metric metric) {
  return metric == Metric::kAccuracy ? "accuracy" : metric == Metric::kF1 ? "f1" : "matthews";
}

std::optional<Metric> parse_metric(const std::string& name) {
  for (const Metric metric : {Metric::kAccuracy, Metric::kF1, Metric::kMatthews}) {
    if (name == metric_name(metric)) return metric;
  }
  return {};
}

std::int64_t Confusion::truths(int c) const {
  std::int64_t sum = 0;
  for (int p = 0; p < classes_; ++p) sum += at(c, p);
  return sum;
}

std::int64_t Confusion::predicted(int c) const {
  std::int64_t sum = 0;
  for (int t = 0; t < classes_; ++t) sum += at(t, c);
  return sum;
}

std::int64_t Confusion::total() const {
  std::int64_t sum = 0;
  for (const std::int64_t count : counts_) sum += count;
  return sum;
}

Confusion Confusion::constant(int c) const {
  Confusion all(classes_);
  for (int t = 0; t < classes_; ++t) all.add(t, c, truths(t));
  return all;
}

ClassScores class_scores(const Confusion& confusion) {
  ClassScores scores;
  scores.examples = confusion.total();
  const auto n = static_cast<double>(scores.examples);
  double right = 0, truth_squares = 0, predicted_squares = 0, products = 0;
  for (int c = 0; c < confusion.classes(); ++c) {
    const auto truths = static_cast<double>(confusion.truths(c)), predicted = static_cast<double>(confusion.predicted(c));
    right += static_cast<double>(confusion.at(c, c));
    truth_squares += truths * truths;
    predicted_squares += predicted * predicted;
    products += truths * predicted;
    scores.f1_macro += f1_of(confusion, c) / confusion.classes();
  }
  scores.accuracy = right / n;
  if (scores.examples > 1) scores.error = std::sqrt(scores.accuracy * (1 - scores.accuracy) / (n - 1));
  if (confusion.classes() == 2) scores.f1 = f1_of(confusion, 1);
  const double spread = (n * n - truth_squares) * (n * n - predicted_squares);
  if (spread > 0) scores.matthews = (n * right - products) / std::sqrt(spread);
  return scores;
}

double score_of(const ClassScores& scores, Metric metric) {
  if (metric == Metric::kAccuracy) return scores.accuracy;
  return metric == Metric::kMatthews ? scores.matthews : scores.f1.value_or(scores.f1_macro);
}

}  // namespace squat::evaluate
