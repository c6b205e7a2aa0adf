// SPDX-License-Identifier: Apache-2.0
#include "host/analyze/attention_maps.hpp"

#include <algorithm>
#include <cmath>

namespace squat::analyze {
namespace {

/// Adds one window's comparison of a head's maps (tokens, tokens).
void compare(const float* a, const float* b, int tokens, MapComparison& sum) {
  double ab = 0, aa = 0, bb = 0, difference = 0, first_a = 0, first_b = 0;
  for (std::ptrdiff_t i = 0; i < tokens; ++i) {
    for (std::ptrdiff_t j = 0; j <= i; ++j) {
      const auto x = static_cast<double>(a[i * tokens + j]), y = static_cast<double>(b[i * tokens + j]);
      ab += x * y;
      aa += x * x;
      bb += y * y;
      difference += std::fabs(x - y) / 2;
    }
    if (i == 0) continue;
    first_a += static_cast<double>(a[i * tokens]);
    first_b += static_cast<double>(b[i * tokens]);
  }
  sum.first_column += first_a / (tokens - 1);
  sum.first_column_rounded += first_b / (tokens - 1);
  sum.cosine += ab / std::sqrt(aa * bb);
  sum.distance += difference / tokens;
}

std::vector<double> mean_map(const std::vector<float>& maps, int heads, int tokens, int kept) {
  std::vector<double> mean;
  for (std::ptrdiff_t i = 0; i < kept; ++i) {
    for (std::ptrdiff_t j = 0; j < kept; ++j) {
      double sum = 0;
      for (std::ptrdiff_t h = 0; h < heads; ++h)
        sum += static_cast<double>(maps[static_cast<std::size_t>((h * tokens + i) * tokens + j)]);
      mean.push_back(sum / heads);
    }
  }
  return mean;
}

}  // namespace

std::vector<std::vector<float>> attention_maps(reference::FloatReference& reference, const int* ids, int tokens) {
  const auto n = static_cast<std::size_t>(tokens);
  std::vector<std::vector<float>> maps(static_cast<std::size_t>(reference.config().layers));
  reference.set_hook([&](reference::Site site, int layer, const float* values, int, int cols) {
    if (site != reference::Site::kP) return;
    std::vector<float>& map = maps[static_cast<std::size_t>(layer)];  // rows come head by head, in the order of tokens
    map.insert(map.end(), values, values + cols);
    map.resize((map.size() + n - 1) / n * n, 0.0f);
  });
  reference.forward(ids, tokens);
  reference.set_hook(nullptr);
  return maps;
}

MapStudy study_maps(const model::FloatModel& model, const reference::FakeQuant& fake, const StudyText& text, int map_tokens) {
  reference::FloatReference real(model), rounded(model, fake);
  const int layers = model.config.layers, heads = model.config.heads, n = text.window;
  MapStudy study;
  for (int l = 0; l < layers; ++l) {
    for (int h = 0; h < heads; ++h) {
      MapComparison row;
      row.layer = l;
      row.head = h;
      study.heads.push_back(row);
    }
  }
  for (int w = 0; w < text.windows(); ++w) {
    const auto a = attention_maps(real, text.start(w), n), b = attention_maps(rounded, text.start(w), n);
    for (MapComparison& row : study.heads) {
      const auto layer = static_cast<std::size_t>(row.layer);
      const std::ptrdiff_t from = static_cast<std::ptrdiff_t>(row.head) * n * n;
      compare(a[layer].data() + from, b[layer].data() + from, n, row);
    }
    if (w > 0 || map_tokens == 0) continue;
    const int kept = std::min(map_tokens, n);
    for (int l = 0; l < layers; ++l) {
      const auto layer = static_cast<std::size_t>(l);
      study.maps.push_back({l, kept, mean_map(a[layer], heads, n, kept), mean_map(b[layer], heads, n, kept)});
    }
  }
  for (MapComparison& row : study.heads) {
    for (double* value : {&row.first_column, &row.first_column_rounded, &row.cosine, &row.distance}) *value /= text.windows();
  }
  return study;
}

}  // namespace squat::analyze
