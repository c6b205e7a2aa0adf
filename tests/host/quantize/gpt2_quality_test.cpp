// SPDX-License-Identifier: Apache-2.0
// Post-training quality of GPT-2: a random model reads text that it wrote itself, so its perplexity is that of a true language
// model and every configuration can be compared with it, through the model directory and on the device.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>
#include <vector>

#include "host/backends/cpu/cpu_device.hpp"
#include "host/evaluate/perplexity.hpp"
#include "host/model/model_directory.hpp"
#include "host/quantize/quantize.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/support.hpp"
#include "tests/support/compare_devices.hpp"

namespace squat {
namespace {

constexpr int kVocab = 64, kWindow = 128;

/// Logits far enough apart that the text is predictable.
model::FloatModel peaked_model() {
  model::FloatModel m = quantize::random_float_model(test::gpt2_shape(64, 160, 2, 2, kVocab), 11, 0.12f);
  for (float& w : m.embedding.w) w *= 2.0f;
  return m;
}

/// Windows of ids drawn one by one from the model's own distribution.
std::vector<int> own_text(reference::FloatReference& reference, int windows, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int> ids;
  for (int w = 0; w < windows; ++w) {
    std::vector<int> window = {static_cast<int>(random() % kVocab)};
    while (static_cast<int>(window.size()) < kWindow) {
      const auto& logits = reference.forward(window.data(), static_cast<int>(window.size()));
      const std::vector<float> row(logits.end() - kVocab, logits.end());
      const float top = *std::max_element(row.begin(), row.end());
      std::vector<double> weights;
      for (const float v : row) weights.push_back(std::exp(static_cast<double>(v - top)));
      window.push_back(std::discrete_distribution<int>(weights.begin(), weights.end())(random));
    }
    ids.insert(ids.end(), window.begin(), window.end());
  }
  return ids;
}

}  // namespace

TEST_CASE("GPT-2's integer perplexity is that of the fake-quantised model", "[gpt2]") {
  const model::FloatModel model = peaked_model();
  reference::FloatReference real(model);
  const auto calibration = own_text(real, 6, 1), valid = own_text(real, 32, 2);
  const auto run = [&](const evaluate::LogitsFunction& logits) {
    return evaluate::perplexity(valid, kVocab, logits, {}).perplexity;
  };
  const auto run_reference = [&](reference::FloatReference& r) {
    return run([&](const int* ids, int n) { return evaluate::LogitsView{r.forward(ids, n).data(), nullptr, 1.0}; });
  };
  const double float_ppl = run_reference(real);
  REQUIRE(float_ppl < 0.5 * kVocab);

  using model::Activations;
  struct Case {
    const char* name;
    int weight_bits;
    Activations activations;
    double worst;  ///< fake-quantised perplexity against the float model's
  };
  for (const Case& c : {Case{"W8A8", 8, Activations::k8, 1.01}, Case{"W4A8", 4, Activations::k8, 1.2},
                        Case{"mixed", 4, Activations::kMixed, 1.3}, Case{"W4A4", 4, Activations::k4, 1.5}}) {
    quantize::QuantizeOptions o;
    o.weight_bits = c.weight_bits;
    o.activations = c.activations;
    const quantize::QuantizeResult q = quantize::quantize_model(model, calibration, o);
    reference::FloatReference rounded(model, {q.scales, c.weight_bits, q.model.widths});
    const double fake_ppl = run_reference(rounded);

    const test::TemporaryDirectory out;
    model::write_model_directory(q.model, out.path() / "m", {});
    const model::LoadedModel loaded = model::load_model_directory(out.path() / "m");
    backends::CpuDevice device(*loaded.integer());
    engine::PassResult pass;
    const double integer_ppl = run([&](const int* ids, int n) {
      device.reset();
      pass = device.run(std::vector<int>(ids, ids + n), engine::RowRange::kAll);
      return evaluate::LogitsView{nullptr, pass.logits.data(), loaded.integer()->logit_scale};
    });
    INFO(c.name << ": float " << float_ppl << ", fake-quantised " << fake_ppl << ", integer " << integer_ppl);
    std::cout << c.name << ": float " << float_ppl << ", fake-quantised " << fake_ppl << ", integer " << integer_ppl << "\n";
    CHECK(fake_ppl <= c.worst * float_ppl);
    CHECK(integer_ppl == Approx(fake_ppl).epsilon(0.005));
  }
}

}  // namespace squat
