// SPDX-License-Identifier: Apache-2.0
// Post-training quality on the development checkpoint: the formats' cost, and the integers' on top of it.
#include "host/backends/cpu/cpu_device.hpp"
#include "host/evaluate/perplexity.hpp"
#include "host/model/model_directory.hpp"
#include "host/quantize/quantize.hpp"
#include "tests/host/support.hpp"

namespace squat {
namespace {

struct Case {
  const char* name;
  int weight_bits;
  model::Activations activations;
  hls::WidthRule rule;
  double worst;  ///< fake-quantised perplexity against the float model's, same windows
  double bar;    ///< integer perplexity over 464 windows
};

}  // namespace

TEST_CASE("the five configurations keep their quality, and integers cost next to nothing") {
  const auto dir = test::shared_data("data/tiny_llama_fp32");
  if (dir.empty()) return;
  const model::FloatModel model = model::read_float_model(dir);
  const model::Tokenizer tokenizer(dir, model.config);
  const auto train = evaluate::encode_file(tokenizer, dir / "train.txt");
  const auto valid = evaluate::encode_file(tokenizer, dir / "valid.txt");
  evaluate::PerplexityOptions options;
  // scripts/nightly.sh runs the whole protocol of 464 windows, which has absolute bars.
  const bool whole = std::getenv("SQUAT_WHOLE_PROTOCOL") != nullptr;
  options.max_windows = whole ? 464 : 32;
  const auto run = [&](const evaluate::LogitsFunction& logits) {
    return evaluate::perplexity(valid, model.config.vocab_size, logits, options).perplexity;
  };
  const auto run_reference = [&](reference::FloatReference& r) {
    return run([&](const int* ids, int n) { return evaluate::LogitsView{r.forward(ids, n).data(), nullptr, 1.0}; });
  };
  reference::FloatReference real(model);
  const double float_ppl = run_reference(real);
  if (whole) CHECK(float_ppl == Approx(71.85).margin(0.05));

  using model::Activations;
  using Rule = hls::WidthRule;
  const std::vector<Case> cases = {{"W8A8", 8, Activations::k8, Rule::kBudget, 1.01, 72.4},
                                   {"W4A8", 4, Activations::k8, Rule::kBudget, 1.03, 73.0},
                                   {"mixed, sequence", 4, Activations::kMixed, Rule::kSequence, 1.09, 76.8},
                                   {"mixed, budget", 4, Activations::kMixed, Rule::kBudget, 1.09, 77.0},
                                   {"W4A4", 4, Activations::k4, Rule::kBudget, 1.14, 80.5}};
  for (const Case& c : cases) {
    INFO(c.name);
    quantize::QuantizeOptions o;
    o.weight_bits = c.weight_bits;
    o.activations = c.activations;
    o.rule = c.rule;
    const quantize::QuantizeResult q = quantize::quantize_model(model, train, o);
    CHECK(q.warnings.empty());
    reference::FloatReference rounded(model, {q.scales, c.weight_bits, q.model.widths});
    const double fake_ppl = run_reference(rounded);
    CHECK(fake_ppl <= c.worst * float_ppl);
    if (c.activations == Activations::kMixed) CHECK(rounded.eight_bit_share() == Approx(0.5).epsilon(0.01));

    const test::TemporaryDirectory out;
    model::write_model_directory(q.model, out.path() / "m", dir);
    const model::LoadedModel loaded = model::load_model_directory(out.path() / "m");
    backends::CpuDevice device(*loaded.integer());
    engine::PassResult pass;
    const double integer_ppl = run([&](const int* ids, int n) {
      device.reset();
      pass = device.run(std::vector<int>(ids, ids + n), engine::RowRange::kAll);
      return evaluate::LogitsView{nullptr, pass.logits.data(), loaded.integer()->logit_scale};
    });
    std::cout << c.name << ": float " << float_ppl << ", fake-quantised " << fake_ppl << ", integer " << integer_ppl << "\n";
    // Single roundings move 32 windows by a few tenths of a percent.
    CHECK(integer_ppl == Approx(fake_ppl).epsilon(whole ? 0.005 : 0.01));
    if (whole) CHECK(integer_ppl <= c.bar);
  }
}

}  // namespace squat
