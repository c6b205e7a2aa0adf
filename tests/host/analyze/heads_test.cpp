// SPDX-License-Identifier: Apache-2.0
// Statistics of queries and keys against a pass written out in plain loops.
#include "host/analyze/heads.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "host/analyze/correlation.hpp"
#include "host/analyze/rounding.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/support.hpp"

namespace squat::analyze {
namespace {

std::vector<int> random_ids(int count) {
  std::mt19937 random(5);
  std::vector<int> ids;
  for (int i = 0; i < count; ++i) ids.push_back(static_cast<int>(random() % 48));
  return ids;
}

/// Queries or keys of layer 0 after rotation, (tokens, heads * head_dim), in double: embedding, RMSNorm, matrix, rotation.
std::vector<double> first_layer(const model::FloatModel& m, const int* ids, int tokens, bool key) {
  const model::ModelConfig& c = m.config;
  const model::FloatMatrix& w = key ? m.layers[0].k : m.layers[0].q;
  const auto hidden = static_cast<std::size_t>(c.hidden_size), half = static_cast<std::size_t>(c.head_dim) / 2;
  std::vector<double> all;
  for (int t = 0; t < tokens; ++t) {
    const float* x = m.embedding.w.data() + static_cast<std::size_t>(ids[t]) * hidden;
    double squares = 0;
    for (std::size_t i = 0; i < hidden; ++i) squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    const double inverse = 1 / std::sqrt(squares / static_cast<double>(hidden) + c.rms_norm_eps);
    std::vector<double> row;
    for (int r = 0; r < w.rows; ++r) {
      double sum = 0;
      for (std::size_t i = 0; i < hidden; ++i)
        sum += static_cast<double>(w.w[static_cast<std::size_t>(r) * hidden + i]) * static_cast<double>(x[i]) * inverse *
               static_cast<double>(m.layers[0].input_norm[i]);
      row.push_back(sum);
    }
    for (std::size_t h = 0; h < row.size(); h += 2 * half) {
      for (std::size_t i = 0; i < half; ++i) {
        const double angle = t * std::pow(c.rope_theta, -static_cast<double>(i) / static_cast<double>(half));
        const double a = row[h + i], b = row[h + half + i];
        row[h + i] = a * std::cos(angle) - b * std::sin(angle);
        row[h + half + i] = b * std::cos(angle) + a * std::sin(angle);
      }
    }
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

}  // namespace

TEST_CASE("queries and keys have the moments, entropies and errors of a plain pass") {
  const model::FloatModel m = quantize::random_float_model(test::small_config(true), 11, 0.3f);
  StudyText text;
  text.ids = random_ids(64 * 3 + 5);
  text.window = 64;
  quantize::CalibrationOptions calibration;
  calibration.windows = 2;
  calibration.window = 64;
  RoundingOptions how;
  const int bits = GENERATE(4, 8);
  how.activation_bits = bits;
  const reference::FakeQuant fake = calibrated_rounding(m, text.ids, how, calibration);
  const HeadStudy study = study_heads(m, fake, text);
  const model::ModelConfig& c = m.config;
  REQUIRE(study.heads.size() == static_cast<std::size_t>(c.layers * (c.heads + c.kv_heads)));
  CHECK(study.histograms.size() == static_cast<std::size_t>(2 * c.layers));
  for (const HeadStatistics& s : study.heads) {
    if (s.layer != 0) continue;
    INFO((s.key ? "key " : "query ") << s.head);
    const double scale8 = s.key ? fake.scales.layers[0].k : fake.scales.layers[0].q;
    CHECK(s.step == scale8);
    const double scale = bits == 4 ? 8 * scale8 : scale8, lo = bits == 4 ? -8 : -127, hi = bits == 4 ? 7 : 127;
    std::vector<double> values;
    for (int w = 0; w < 3; ++w) {
      const std::vector<double> pass = first_layer(m, text.ids.data() + w * 64, 64, s.key);
      const std::size_t cols = pass.size() / 64, dim = static_cast<std::size_t>(c.head_dim);
      for (std::size_t t = 0; t < 64; ++t) {
        for (std::size_t i = 0; i < dim; ++i) values.push_back(pass[t * cols + static_cast<std::size_t>(s.head) * dim + i]);
      }
    }
    const auto n = static_cast<double>(values.size());
    CHECK(s.before.count == values.size());
    double mean = 0, variance = 0, error = 0;
    std::map<long, double> codes;
    for (const double v : values) mean += v / n;
    for (const double v : values) {
      variance += (v - mean) * (v - mean) / n;
      error += std::pow(v - scale * std::min(hi, std::max(lo, std::round(v / scale))), 2) / n;
      codes[std::lround(v / scale8)] += 1 / n;
    }
    double entropy = 0;
    for (const auto& [code, p] : codes) entropy -= p * std::log2(p);
    CHECK(s.before.mean == Approx(mean).margin(1e-5));
    CHECK(s.before.variance == Approx(variance).epsilon(1e-4));
    CHECK(s.squared_error == Approx(error).epsilon(2e-3));
    CHECK(s.entropy_before == Approx(entropy).margin(0.01));
    CHECK(s.entropy_normal ==
          Approx(std::log2(std::sqrt(2 * 3.14159265358979 * 2.718281828459045 * variance) / scale8)).margin(1e-4));
    CHECK(s.entropy_after <= bits);
    CHECK(s.entropy_after < s.entropy_before + 0.5);
    if (bits == 8) CHECK(s.after.variance == Approx(variance).epsilon(0.15));
  }
  for (const LayerHistogram& h : study.histograms) {
    double before = 0, after = 0, centre = 0;
    for (std::size_t i = 0; i < h.before.size(); ++i) {
      before += h.before[i];
      after += h.after[i];
      if (i >= 17 && i <= 23) centre += h.before[i];
    }
    CHECK(before == Approx(1));
    CHECK(after == Approx(1));
    CHECK(centre == Approx(0.619).margin(0.12));  // normal values within 0.875 deviations
  }
}

TEST_CASE("relations pair every head with its own key head") {
  model::ModelConfig config = test::small_config(true);
  config.layers = 1;  // 4 query heads, 2 key heads
  std::vector<HeadStatistics> heads;
  const double query_variance[] = {1, 4, 2, 8}, key_variance[] = {3, 5};
  for (int h = 0; h < 4; ++h) {
    HeadStatistics s;
    s.head = h;
    s.before.variance = query_variance[h];
    s.squared_error = 0.5;  // relative: 1/2 1/8 1/4 1/16, exactly falling with the entropy
    heads.push_back(s);
  }
  for (int h = 0; h < 2; ++h) {
    HeadStatistics s;
    s.key = true;
    s.head = h;
    s.before.variance = key_variance[h];
    s.squared_error = s.before.variance * s.before.variance;
    heads.push_back(s);
  }
  std::vector<MapComparison> maps(4);
  for (int h = 0; h < 4; ++h) {
    auto& m = maps[static_cast<std::size_t>(h)];
    m.head = h;
    m.distance = std::log(1 + query_variance[h] * key_variance[h / 2]);
    m.cosine = 1 - 2 * m.distance;
  }
  const std::vector<Relation> relations = entropy_relations(config, heads, maps);
  REQUIRE(relations.size() == 6);
  CHECK(relations[0].correlation.spearman == Approx(-1));
  CHECK(relations[0].correlation.count == 4);
  CHECK(relations[1].correlation.pearson == Approx(1));
  CHECK(relations[1].correlation.count == 2);
  CHECK(relations[2].correlation.pearson == 0);  // a constant error
  CHECK(relations[4].correlation.pearson == Approx(1));
  CHECK(relations[5].correlation.pearson == Approx(1));
}

}  // namespace squat::analyze
