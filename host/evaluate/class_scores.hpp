// SPDX-License-Identifier: Apache-2.0
// How well predicted classes agree with the true ones: the metrics of GLUE (arXiv 1804.07461).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace squat::evaluate {

enum class Metric { kAccuracy, kF1, kMatthews };
const char* metric_name(Metric metric);  ///< "accuracy", "f1", "matthews"
std::optional<Metric> parse_metric(const std::string& name);

/// How often each class was predicted as each.
class Confusion {
 public:
  explicit Confusion(int classes)
      : classes_(classes), counts_(static_cast<std::size_t>(classes) * static_cast<std::size_t>(classes)) {}

  void add(int truth, int predicted, std::int64_t count = 1) { counts_[index(truth, predicted)] += count; }
  std::int64_t at(int truth, int predicted) const { return counts_[index(truth, predicted)]; }
  int classes() const { return classes_; }
  std::int64_t truths(int c) const;     ///< examples of a class
  std::int64_t predicted(int c) const;  ///< predictions of a class
  std::int64_t total() const;

  /// The same examples with one class predicted for all.
  Confusion constant(int c) const;

 private:
  std::size_t index(int truth, int predicted) const {
    return static_cast<std::size_t>(truth) * static_cast<std::size_t>(classes_) + static_cast<std::size_t>(predicted);
  }
  int classes_;
  std::vector<std::int64_t> counts_;
};

struct ClassScores {
  std::int64_t examples = 0;
  double accuracy = 0;          ///< 0..1
  std::optional<double> error;  ///< standard error sqrt(a * (1 - a) / (examples - 1)); none for a single example
  std::optional<double> f1;     ///< of two classes: 2 tp / (2 tp + fp + fn) of the second one, 0 where it does not occur
  double f1_macro = 0;          ///< mean of every class's own F1
  double matthews = 0;          ///< correlation coefficient, of any number of classes; 0 where it is undefined
};

/// Scores of at least one example. Matthews' coefficient for more than two classes is R_K (Gorodkin 2004).
ClassScores class_scores(const Confusion& confusion);

/// The one a task is reported by. F1 of more than two classes is the mean of the classes'.
double score_of(const ClassScores& scores, Metric metric);

}  // namespace squat::evaluate
