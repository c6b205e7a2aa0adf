// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/pair_scores.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>

#include "tests/host/support.hpp"

namespace squat::evaluate {
namespace {

constexpr int kVocab = 7;
constexpr double kScale = 0.013;

/// Logits of a token depend on the token alone.
std::int32_t logit(int token, int candidate) { return (token * 7919 + candidate * 104729) % 1000 - 500; }

/// A worker with memory of its own.
LogitsFunction table_model() {
  return [logits = std::vector<std::int32_t>()](const int* ids, int tokens) mutable {
    logits.clear();
    for (int t = 0; t < tokens; ++t) {
      for (int v = 0; v < kVocab; ++v) logits.push_back(logit(ids[t], v));
    }
    return LogitsView{nullptr, logits.data(), kScale};
  };
}

/// The definition, term by term.
long double negative_log_probability(const std::vector<int>& ids) {
  long double total = 0;
  for (std::size_t t = 1; t < ids.size(); ++t) {
    long double sum = 0;
    for (int v = 0; v < kVocab; ++v) sum += std::exp(static_cast<long double>(logit(ids[t - 1], v)) * kScale);
    total -= std::log(std::exp(static_cast<long double>(logit(ids[t - 1], ids[t])) * kScale) / sum);
  }
  return total;
}

std::vector<std::vector<int>> random_sentences(int count) {
  std::mt19937 random(7);
  std::vector<std::vector<int>> sentences(static_cast<std::size_t>(count));
  for (auto& s : sentences) {
    s.resize(1 + random() % 12);
    for (int& id : s) id = static_cast<int>(random() % kVocab);
  }
  return sentences;
}

}  // namespace

TEST_CASE("a sentence's score is the negative logarithm of its probability") {
  const auto sentences = random_sentences(50);
  const std::vector<std::int64_t> scores = score_sentences(sentences, kVocab, {table_model()});
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const auto tokens = static_cast<double>(sentences[i].size());
    CHECK(static_cast<double>(scores[i]) / 1048576 ==
          Approx(static_cast<double>(negative_log_probability(sentences[i]))).margin(tokens * 0x1p-20));
  }
}

TEST_CASE("scores do not depend on the number of workers") {
  const auto sentences = random_sentences(500);
  const auto one = score_sentences(sentences, kVocab, {table_model()});
  int last = 0;
  const auto many = score_sentences(sentences, kVocab, {table_model(), table_model(), table_model(), table_model()},
                                    [&](int done, int total) {
                                      CHECK(done > last);
                                      CHECK(total == 500);
                                      last = done;
                                    });
  CHECK(one == many);
}

TEST_CASE("the error of any worker ends the run") {
  const auto sentences = random_sentences(200);
  std::atomic<int> calls{0};
  const LogitsFunction failing = [&calls, model = table_model()](const int* ids, int tokens) {
    const int call = ++calls;
    if (call == 20) throw input_error("broken");
    if (call > 20) std::this_thread::sleep_for(std::chrono::milliseconds(10));  // an error takes a moment to be known
    return model(ids, tokens);
  };
  CHECK(test::input_error_of([&] { score_sentences(sentences, kVocab, {failing, failing}); }) == "broken");
  CHECK(calls < 60);
}

TEST_CASE("accuracy counts ties as wrong and knows its error") {
  // right, wrong, right, right: 3 of 4, sqrt(3/4 * 1/4 / 3) = 1/4
  const std::vector<std::int64_t> scores = {1, 2, 5, 4, -3, 0, 7, 9, 6, 6};
  const Accuracy four = pair_accuracy(scores.data(), 4);
  CHECK(four.value == 0.75);
  CHECK(four.right == 3);
  CHECK(four.ties == 0);
  REQUIRE(four.error);
  CHECK(*four.error == Approx(0.25));
  const Accuracy five = pair_accuracy(scores.data(), 5);
  CHECK(five.value == Approx(0.6));
  CHECK(five.ties == 1);
  CHECK(*five.error == Approx(std::sqrt(0.06)));
  const Accuracy one = pair_accuracy(scores.data(), 1);
  CHECK(one.value == 1);
  CHECK_FALSE(one.error);

  // (0.75 + 0.6) / 2, sqrt(1/16 + 6/100) / 2
  const Accuracy mean = mean_accuracy({four, five});
  CHECK(mean.value == Approx(0.675));
  CHECK(*mean.error == Approx(0.175));
  CHECK(mean.pairs == 9);
  CHECK(mean.right == 6);
  CHECK(mean.ties == 1);
  CHECK_FALSE(mean_accuracy({four, one}).error);
  CHECK(mean_accuracy({}).pairs == 0);
}

}  // namespace squat::evaluate
