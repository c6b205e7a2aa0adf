// SPDX-License-Identifier: Apache-2.0
#include "host/analyze/importance.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "hls/token_control.hpp"

namespace squat::analyze {
namespace {

using Gradients = std::vector<std::vector<std::vector<double>>>;  ///< (windows, layers, tokens)

std::vector<double> random_scores(std::uint32_t seed, int window, int layer, int tokens) {
  std::vector<double> scores;
  // Another window, another choice: its number takes the place of far positions.
  for (int t = 0; t < tokens; ++t) {
    scores.push_back(hls::random_key(seed, static_cast<std::uint32_t>(layer), static_cast<std::uint32_t>(window * tokens + t)));
  }
  return scores;
}

/// Widths by one score for the windows of a text in turn: layer 0 begins the next one.
class Chooser {
 public:
  Chooser(Importance score, double rho, std::uint32_t seed, int heads, std::shared_ptr<const Gradients> gradients)
      : score_(score), rho_(rho), seed_(seed), heads_(heads), gradients_(std::move(gradients)) {}

  std::vector<std::uint8_t> operator()(int layer, const std::vector<float>& maps, int tokens) {
    if (layer == 0) ++window_;
    return choose_highest(scores(layer, maps, tokens), rho_);
  }

 private:
  std::vector<double> scores(int layer, const std::vector<float>& maps, int tokens) const {
    if (score_ == Importance::kRandom) return random_scores(seed_, window_, layer, tokens);
    if (score_ == Importance::kGradient) {
      return gradients_->at(static_cast<std::size_t>(window_)).at(static_cast<std::size_t>(layer));
    }
    return attention_scores(score_, maps, heads_, tokens);
  }

  Importance score_;
  double rho_;
  std::uint32_t seed_;
  int heads_, window_ = -1;
  std::shared_ptr<const Gradients> gradients_;
};

}  // namespace

const char* importance_name(Importance score) {
  switch (score) {
    case Importance::kFirst:
      return "attention to the first token";
    case Importance::kReceived:
      return "attention received, mean";
    case Importance::kReceivedSum:
      return "attention received, sum";
    case Importance::kGradient:
      return "gradient";
    case Importance::kRandom:
      return "random";
  }
  return "";
}

std::vector<std::uint8_t> choose_highest(const std::vector<double>& scores, double rho) {
  std::vector<std::uint8_t> eight(scores.size(), 0);
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin() + 1, order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  const double wanted = std::ceil(rho * static_cast<double>(scores.size()));
  const std::size_t count = std::min(scores.size(), std::max(std::size_t{1}, static_cast<std::size_t>(wanted)));
  for (std::size_t i = 0; i < count; ++i) eight[order[i]] = 1;
  return eight;
}

std::vector<double> attention_scores(Importance score, const std::vector<float>& maps, int heads, int tokens) {
  std::vector<double> scores(static_cast<std::size_t>(tokens), 0.0);
  for (std::ptrdiff_t h = 0; h < heads; ++h) {
    for (std::ptrdiff_t i = 0; i < tokens; ++i) {
      const float* row = maps.data() + (h * tokens + i) * tokens;
      if (score == Importance::kFirst) {
        scores[static_cast<std::size_t>(i)] += static_cast<double>(row[0]) / heads;
        continue;
      }
      for (std::ptrdiff_t j = 0; j <= i; ++j) {
        const double queries = score == Importance::kReceived ? static_cast<double>(tokens - j) : 1.0;
        scores[static_cast<std::size_t>(j)] += static_cast<double>(row[j]) / heads / queries;
      }
    }
  }
  return scores;
}

std::vector<ImportanceRow> study_importance(const model::FloatModel& model, const reference::FakeQuant& fake,
                                            const StudyText& text, const std::vector<double>& rhos, int seeds,
                                            const WindowGradients& gradients, int threads,
                                            const std::function<void(int done, int total)>& progress) {
  const auto measured = std::make_shared<Gradients>();
  for (int w = 0; gradients && w < text.windows(); ++w) measured->push_back(gradients(text.start(w), text.window));
  std::vector<ImportanceRow> rows;
  std::vector<std::optional<reference::FakeQuant>> variants;
  const auto add = [&](const std::string& name, double rho, std::uint32_t seed, reference::WidthChooser chooser) {
    rows.push_back({name, rho, seed, {}});
    variants.emplace_back(fake);
    variants.back()->chooser = std::move(chooser);
  };
  for (const int eight : {0, 1}) {
    add(eight == 0 ? "all 4 bit" : "all 8 bit", eight, 0, [eight](int, const std::vector<float>&, int tokens) {
      return std::vector<std::uint8_t>(static_cast<std::size_t>(tokens), static_cast<std::uint8_t>(eight));
    });
  }
  for (const double rho : rhos) {
    for (const Importance score :
         {Importance::kFirst, Importance::kReceived, Importance::kReceivedSum, Importance::kGradient}) {
      if (score == Importance::kGradient && !gradients) continue;
      add(importance_name(score), rho, 0, Chooser(score, rho, 0, model.config.heads, measured));
    }
    for (std::uint32_t seed = 0; seed < static_cast<std::uint32_t>(seeds); ++seed) {
      add(importance_name(Importance::kRandom), rho, seed,
          Chooser(Importance::kRandom, rho, seed, model.config.heads, measured));
    }
  }
  const std::vector<StudyResult> results = perplexities(model, variants, text, threads, progress);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].result = results[i];
  return rows;
}

}  // namespace squat::analyze
