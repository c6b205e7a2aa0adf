// SPDX-License-Identifier: Apache-2.0
#include "host/analyze/heads.hpp"

#include <algorithm>
#include <cmath>

#include "hls/requantize.hpp"
#include "host/quantize/scale_search.hpp"

namespace squat::analyze {
namespace {

using reference::Site;

constexpr std::size_t kMostSamples = 5000;

/// Values of (layer, queries or keys, head).
struct Values {
  std::vector<std::vector<float>> of_head;
  std::vector<float> all;
};
using Collected = std::vector<Values>;  ///< 2 * layer + key

int heads_of(const model::ModelConfig& c, bool key) { return key ? c.kv_heads : c.heads; }

Collected collect(reference::FloatReference& reference, const StudyText& text) {
  const model::ModelConfig& c = reference.config();
  Collected out(2 * static_cast<std::size_t>(c.layers));
  for (std::size_t i = 0; i < out.size(); ++i) out[i].of_head.resize(static_cast<std::size_t>(heads_of(c, i % 2 == 1)));
  reference.set_hook([&](Site site, int layer, const float* values, int rows, int cols) {
    if (site != Site::kQ && site != Site::kK) return;
    Values& to = out[2 * static_cast<std::size_t>(layer) + (site == Site::kK ? 1 : 0)];
    for (std::ptrdiff_t r = 0; r < rows; ++r) {
      const float* row = values + r * cols;
      to.all.insert(to.all.end(), row, row + cols);
      for (std::size_t h = 0; h < to.of_head.size(); ++h) {
        const float* head = row + static_cast<std::ptrdiff_t>(h) * c.head_dim;
        to.of_head[h].insert(to.of_head[h].end(), head, head + c.head_dim);
      }
    }
  });
  for (int w = 0; w < text.windows(); ++w) reference.forward(text.start(w), text.window);
  reference.set_hook(nullptr);
  return out;
}

std::vector<float> thinned(const std::vector<float>& values) {
  const std::size_t stride = (values.size() + kMostSamples - 1) / kMostSamples;
  std::vector<float> out;
  for (std::size_t i = 0; i < values.size(); i += stride) out.push_back(values[i]);
  return out;
}

std::vector<double> histogram(const std::vector<float>& values, double mean, double deviation) {
  std::vector<double> shares(kHistogramBins, 0.0);
  constexpr double kWidth = 2 * kHistogramReach / kHistogramBins;
  for (const float v : values) {
    const double at = std::floor(((static_cast<double>(v) - mean) / deviation + kHistogramReach) / kWidth);
    shares[static_cast<std::size_t>(std::clamp(at, 0.0, kHistogramBins - 1.0))] += 1.0 / static_cast<double>(values.size());
  }
  return shares;
}

}  // namespace

HeadStudy study_heads(const model::FloatModel& model, const reference::FakeQuant& fake, const StudyText& text) {
  reference::FloatReference real(model), rounded(model, fake);
  const Collected before = collect(real, text);
  Collected after = collect(rounded, text);
  const bool four = fake.widths.activations == model::Activations::k4;
  HeadStudy study;
  for (int layer = 0; layer < model.config.layers; ++layer) {
    for (const bool key : {false, true}) {
      const std::size_t at = 2 * static_cast<std::size_t>(layer) + (key ? 1 : 0);
      const model::LayerScales& scales = fake.scales.layers[static_cast<std::size_t>(layer)];
      const double scale8 = key ? scales.k : scales.q, scale = four ? 8 * scale8 : scale8;
      const int lo = four ? -8 : hls::kAttentionMin, hi = four ? 7 : 127;
      const auto round = [&](std::vector<float>& values) {
        reference::round_to_grid(values.data(), values.size(), scale, lo, hi);
      };
      for (std::size_t h = 0; h < before[at].of_head.size(); ++h) {
        const std::vector<float>& values = before[at].of_head[h];
        std::vector<float>& then = after[at].of_head[h];
        round(then);
        HeadStatistics s;
        s.layer = layer;
        s.key = key;
        s.head = static_cast<int>(h);
        s.step = scale8;
        s.before = moments(values);
        s.after = moments(then);
        s.fit = normal_fit(thinned(values));
        s.entropy_before = entropy_on_grid(values, scale8);
        s.entropy_after = entropy_on_grid(then, scale);
        s.entropy_normal = normal_entropy(s.before.variance, scale8);
        s.squared_error = quantize::rounding_error(values.data(), values.size(), scale, lo, hi);
        study.heads.push_back(s);
      }
      round(after[at].all);
      const Moments m = moments(before[at].all);
      const double deviation = m.variance > 0 ? std::sqrt(m.variance) : 1.0;
      study.histograms.push_back(
          {layer, key, histogram(before[at].all, m.mean, deviation), histogram(after[at].all, m.mean, deviation)});
    }
  }
  return study;
}

}  // namespace squat::analyze
