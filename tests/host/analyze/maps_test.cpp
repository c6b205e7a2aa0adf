// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <random>

#include "host/analyze/attention_maps.hpp"
#include "host/analyze/rounding.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/support.hpp"

namespace squat::analyze {

TEST_CASE("maps are compared head by head over all windows") {
  const model::FloatModel m = quantize::random_float_model(test::small_config(true), 21, 0.4f);
  const model::ModelConfig& c = m.config;
  StudyText text;
  constexpr int kWindow = 16, kWindows = 3;
  std::mt19937 random(2);
  for (int i = 0; i < kWindow * kWindows; ++i) text.ids.push_back(static_cast<int>(random() % 48));
  text.window = kWindow;
  quantize::CalibrationOptions calibration;
  calibration.window = kWindow;
  calibration.windows = 3;
  const reference::FakeQuant fake = calibrated_rounding(m, text.ids, {}, calibration);
  const MapStudy study = study_maps(m, fake, text, 5);
  REQUIRE(study.heads.size() == static_cast<std::size_t>(c.layers * c.heads));
  REQUIRE(study.maps.size() == static_cast<std::size_t>(c.layers));

  // The same from queries and keys as the pass shows them.
  std::vector<MapComparison> expected(study.heads.size());
  std::vector<double> mean_map(25, 0.0);  // layer 1, first window, floating point
  for (int w = 0; w < kWindows; ++w) {
    using Map = std::vector<double>;
    std::vector<Map> maps[2];
    for (const bool rounded : {false, true}) {
      reference::FloatReference reference = rounded ? reference::FloatReference(m, fake) : reference::FloatReference(m);
      std::vector<float> query;
      reference.set_hook([&](reference::Site site, int layer, const float* values, int rows, int cols) {
        if (site == reference::Site::kQ) query.assign(values, values + rows * cols);
        if (site != reference::Site::kK) return;
        std::vector<float> key(values, values + rows * cols);
        if (rounded) {  // the hook shows values before rounding
          const model::LayerScales& s = fake.scales.layers[static_cast<std::size_t>(layer)];
          for (float& v : query) v = static_cast<float>(8 * s.q * std::min(7.0, std::max(-8.0, std::nearbyint(v / (8 * s.q)))));
          for (float& v : key) v = static_cast<float>(8 * s.k * std::min(7.0, std::max(-8.0, std::nearbyint(v / (8 * s.k)))));
        }
        for (int h = 0; h < c.heads; ++h) {
          Map map(kWindow * kWindow, 0.0);
          for (int i = 0; i < kWindow; ++i) {
            double sum = 0;
            for (int j = 0; j <= i; ++j) {
              double product = 0;
              for (int d = 0; d < c.head_dim; ++d) {
                product += static_cast<double>(query[static_cast<std::size_t>(i * c.q_size() + h * c.head_dim + d)]) *
                           static_cast<double>(key[static_cast<std::size_t>(j * c.kv_size() + h / 2 * c.head_dim + d)]);
              }
              sum += map[static_cast<std::size_t>(i * kWindow + j)] = std::exp(product / std::sqrt(c.head_dim));
            }
            for (int j = 0; j <= i; ++j) map[static_cast<std::size_t>(i * kWindow + j)] /= sum;
          }
          maps[rounded ? 1 : 0].push_back(map);
        }
      });
      reference.forward(text.start(w), kWindow);
    }
    for (std::size_t head = 0; head < expected.size(); ++head) {
      const Map &a = maps[0][head], &b = maps[1][head];
      double ab = 0, aa = 0, bb = 0;
      for (std::size_t i = 0; i < a.size(); ++i) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
        expected[head].distance += std::fabs(a[i] - b[i]) / 2 / kWindow / kWindows;
        if (i % kWindow == 0 && i > 0) {
          expected[head].first_column += a[i] / (kWindow - 1) / kWindows;
          expected[head].first_column_rounded += b[i] / (kWindow - 1) / kWindows;
        }
      }
      expected[head].cosine += ab / std::sqrt(aa * bb) / kWindows;
      if (w == 0 && head >= static_cast<std::size_t>(c.heads)) {
        for (std::size_t i = 0; i < 25; ++i) mean_map[i] += a[i / 5 * kWindow + i % 5] / c.heads;
      }
    }
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(i);
    CHECK(study.heads[i].layer == static_cast<int>(i) / c.heads);
    CHECK(study.heads[i].head == static_cast<int>(i) % c.heads);
    CHECK(study.heads[i].first_column == Approx(expected[i].first_column).epsilon(1e-4));
    CHECK(study.heads[i].first_column_rounded == Approx(expected[i].first_column_rounded).epsilon(1e-3));
    CHECK(study.heads[i].cosine == Approx(expected[i].cosine).epsilon(1e-4));
    CHECK(study.heads[i].distance == Approx(expected[i].distance).epsilon(1e-2).margin(1e-5));
    CHECK(study.heads[i].distance > 0);
  }
  CHECK(study.maps[1].layer == 1);
  CHECK(study.maps[1].tokens == 5);
  for (std::size_t i = 0; i < 25; ++i) CHECK(study.maps[1].real[i] == Approx(mean_map[i]).margin(1e-5));
  CHECK(study.maps[1].rounded != study.maps[1].real);
}

}  // namespace squat::analyze
