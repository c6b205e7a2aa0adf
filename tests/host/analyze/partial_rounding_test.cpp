// SPDX-License-Identifier: Apache-2.0
// Rounding a part of a model, or to other widths than devices have.
#include <cmath>
#include <random>
#include <set>

#include "host/analyze/perplexities.hpp"
#include "host/analyze/rounding.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/support.hpp"

namespace squat::analyze {
namespace {

struct RoundingFixture {
  RoundingFixture() {
    std::mt19937 random(9);
    for (int i = 0; i < 200; ++i) ids.push_back(static_cast<int>(random() % 48));
    calibration.windows = 4;
    calibration.window = 32;
    calibration.samples = 20000;
  }
  reference::FakeQuant fake(const RoundingOptions& how = {}) const { return calibrated_rounding(m, ids, how, calibration); }
  std::vector<float> logits(const std::optional<reference::FakeQuant>& fake) const {
    reference::FloatReference r = fake ? reference::FloatReference(m, *fake) : reference::FloatReference(m);
    return r.forward(ids.data(), 32);
  }
  model::FloatModel m = quantize::random_float_model(test::small_config(false), 4, 0.25f);
  std::vector<int> ids;
  quantize::CalibrationOptions calibration;
};

model::FloatMatrix rounded(model::FloatMatrix w, double scale, int limit) {
  for (float& v : w.w) {
    const double code = std::nearbyint(static_cast<double>(v) / scale);
    v = static_cast<float>(scale * std::min<double>(limit, std::max<double>(-limit, code)));
  }
  return w;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

}  // namespace

TEST_CASE("rounding nothing leaves the floating-point pass, rounding all is the default") {
  const RoundingFixture f;
  reference::FakeQuant fake = f.fake();
  const std::vector<float> all = f.logits(fake);
  fake.parts = modules().back().parts;
  CHECK(modules().back().name == "all");
  const bool again = f.logits(fake) == all;
  CHECK(again);
  fake.parts = {0, 0};
  const bool nothing = f.logits(fake) == f.logits({});
  CHECK(nothing);
  CHECK(largest_difference(all, f.logits({})) > 1e-3);
}

TEST_CASE("the weights of a module alone are those of a model rounded beforehand") {
  const RoundingFixture f;
  for (const Module& module : modules()) {
    INFO(module.name);
    reference::FakeQuant fake = f.fake();
    fake.parts = weights_only(module.parts);
    RoundingFixture by_hand;
    for (std::size_t l = 0; l < f.m.layers.size(); ++l) {
      model::FloatLayer& w = by_hand.m.layers[l];
      const model::LayerScales& s = fake.scales.layers[l];
      const bool all = module.name == "all", attention = all || module.name == "attention";
      if (attention || module.name == "query and key") {
        w.q = rounded(w.q, s.wq, 7);
        w.k = rounded(w.k, s.wk, 7);
      }
      if (attention || module.name == "attention but query and key") {
        w.v = rounded(w.v, s.wv, 7);
        w.o = rounded(w.o, s.wo, 7);
      }
      if (all || module.name == "mlp") {
        w.gate = rounded(w.gate, s.wgate, 7);
        w.up = rounded(w.up, s.wup, 7);
        w.down = rounded(w.down, s.wdown, 7);
      }
    }
    if (module.name == "all" || module.name == "tables") {
      by_hand.m.embedding = rounded(by_hand.m.embedding, fake.scales.embedding, 127);
      by_hand.m.lm_head = rounded(by_hand.m.lm_head, fake.scales.lm_head, 127);
    }
    CHECK(largest_difference(f.logits(fake), by_hand.logits({})) < 1e-4);
    CHECK(largest_difference(f.logits(fake), f.logits({})) > 1e-3);
  }
}

TEST_CASE("the sites of a module, and no others, change what follows") {
  const RoundingFixture f;
  using reference::Site;
  const std::vector<std::set<Site>> expected = {
      {Site::kGu, Site::kD},
      {Site::kIn, Site::kQ, Site::kK, Site::kV, Site::kP, Site::kO},
      {Site::kQ, Site::kK},
      {Site::kIn, Site::kV, Site::kP, Site::kO},
      {Site::kHeadInput},
      {Site::kIn, Site::kQ, Site::kK, Site::kV, Site::kP, Site::kO, Site::kGu, Site::kD, Site::kHeadInput}};
  const std::vector<Module> all = modules();
  REQUIRE(all.size() == expected.size());
  reference::FakeQuant fake = f.fake();
  const std::vector<float> real = f.logits({});
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(all[i].name);
    for (int s = 0; s <= static_cast<int>(Site::kHeadInput); ++s) {
      INFO(reference::site_name(static_cast<Site>(s)));
      const bool is_part = expected[i].count(static_cast<Site>(s)) == 1;
      CHECK(all[i].parts.has(static_cast<Site>(s)) == is_part);
      fake.parts = {all[i].parts.sites & 1U << s, 0};
      const bool changes = f.logits(fake) != real;
      CHECK(changes == is_part);
    }
  }
}

TEST_CASE("scales of uniform widths are calibrated for their bits") {
  const RoundingFixture f;
  std::vector<double> error;
  for (const int bits : {8, 7, 6, 5, 4}) {
    INFO(bits);
    RoundingOptions how;
    how.weight_bits = 8;
    how.activation_bits = bits;
    reference::FakeQuant fake = f.fake(how);
    reference::FloatReference r(f.m, fake);
    std::vector<float> in;
    r.set_hook([&](reference::Site site, int layer, const float* values, int rows, int cols) {
      if (site == reference::Site::kD && layer == 0) in.assign(values, values + rows * cols);
    });
    r.forward(f.ids.data(), 32);
    const double scale = fake.scales.layers[0].d * (1 << (8 - bits));
    double mse = 0;
    for (const float v : in) {
      const double code = std::min(std::pow(2, bits - 1) - 1, std::max(-std::pow(2, bits - 1), std::nearbyint(v / scale)));
      mse += std::pow(static_cast<double>(v) - scale * code, 2);
    }
    error.push_back(mse);
  }
  for (std::size_t i = 1; i < error.size(); ++i) {  // a bit less: up to four times the squared error
    CHECK(error[i] > 1.5 * error[i - 1]);
    CHECK(error[i] < 7 * error[i - 1]);
  }
}

TEST_CASE("a 4-bit width by bits is the deployment's") {
  const RoundingFixture f;
  RoundingOptions four, bits;
  four.activation_bits = 4;
  reference::FakeQuant deployed = f.fake(four);
  reference::FakeQuant by_bits = deployed;
  by_bits.widths.activations = model::Activations::k8;
  by_bits.activation_bits = 4;
  using Scales = model::LayerScales;
  for (Scales& s : by_bits.scales.layers) {  // 4-bit codes have 8 times the 8-bit scale on devices, 16 times here
    for (double Scales::*scale : {&Scales::in, &Scales::q, &Scales::k, &Scales::v, &Scales::o, &Scales::gu, &Scales::d})
      s.*scale /= 2;
  }
  const bool same = f.logits(by_bits) == f.logits(deployed);
  CHECK(same);
}

TEST_CASE("perplexities of several variants are those of each alone, for any number of threads") {
  const RoundingFixture f;
  StudyText text;
  text.ids = f.ids;
  text.window = 32;
  text.max_windows = 4;
  std::vector<std::optional<reference::FakeQuant>> variants = {{}, f.fake(), {}};
  variants[2] = f.fake();
  variants[2]->parts = modules()[0].parts;
  const auto results = perplexities(f.m, variants, text, 1);
  const auto threaded = perplexities(f.m, variants, text, 3);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    CHECK(results[i].perplexity == threaded[i].perplexity);
    reference::FloatReference r = variants[i] ? reference::FloatReference(f.m, *variants[i]) : reference::FloatReference(f.m);
    double nll = 0;
    for (int w = 0; w < 4; ++w) {
      const int* ids = f.ids.data() + 32 * w;
      const std::vector<float>& logits = r.forward(ids, 32);
      for (std::size_t t = 0; t < 31; ++t) {
        double sum = 0;
        for (std::size_t v = 0; v < 48; ++v) sum += std::exp(static_cast<double>(logits[t * 48 + v]));
        nll += std::log(sum) - static_cast<double>(logits[t * 48 + static_cast<std::size_t>(ids[t + 1])]);
      }
    }
    CHECK(results[i].perplexity == Approx(std::exp(nll / (4 * 31))));
  }
}

}  // namespace squat::analyze
