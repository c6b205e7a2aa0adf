// SPDX-License-Identifier: Apache-2.0
// Single tokens without a tap, which threads decode in stages of their own, against the reference: logits, widths and the
// cache.
#include "host/backends/cpu/token_decoder.hpp"

#include <vector>

#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "tests/catch.hpp"
#include "tests/host/backends/tensors.hpp"
#include "tests/support/random_model.hpp"

using namespace squat;

namespace {

/// The same passes on both devices, twice, the second time after a reset.
void same_passes(const model::IntegerModel& m, const backends::CpuOptions& options, const std::vector<int>& passes) {
  INFO("kernel " << options.kernel << ", threads " << options.threads);
  backends::RefDevice ref(m);
  backends::CpuDevice cpu(m, options);
  for (int round = 0; round < 2; ++round) {
    ref.reset();
    cpu.reset();
    unsigned salt = 0;
    for (const int tokens : passes) {
      const std::vector<int> ids = test::make_ids(tokens, m.config.vocab_size, salt++);
      const engine::PassResult expected = ref.run(ids, engine::RowRange::kAll);
      const engine::PassResult actual = cpu.run(ids, engine::RowRange::kAll);
      REQUIRE(actual.logits == expected.logits);
      REQUIRE(actual.eight_tokens_per_layer == expected.eight_tokens_per_layer);
      REQUIRE(actual.rows == expected.rows);
      REQUIRE(actual.tokens == expected.tokens);
      REQUIRE(cpu.position() == ref.position());
    }
    for (int l = 0; l < m.config.layers; ++l) {
      const engine::CachedLayer expected = ref.cached(l), actual = cpu.cached(l);
      REQUIRE(actual.keys == expected.keys);
      REQUIRE(actual.values == expected.values);
    }
  }
}

test::RandomModelSpec four_groups() {
  test::RandomModelSpec spec;
  spec.heads = 8;
  spec.kv_heads = 4;
  spec.layers = 3;
  return spec;
}

}  // namespace

TEST_CASE("decoded tokens equal ref with every kernel and number of threads", "[cpu][decode]") {
  for (const bool gpt2 : {false, true}) {
    for (const int bits : {4, 8}) {
      test::RandomModelSpec spec = four_groups();
      spec.gpt2 = gpt2;
      spec.weight_bits = bits;
      if (gpt2) spec.heads = spec.kv_heads;
      const auto m = test::random_model(spec);
      for (const backends::cpu::KernelSet* set : backends::cpu::kernel_sets()) {
        if (!set->supported()) continue;
        for (const int threads : {1, 2, 3, 4}) same_passes(m, {set->name, threads}, {1, 1, 18, 1, 1, 1});
      }
    }
  }
}

TEST_CASE("decoded tokens equal ref whether widths depend on scores or not", "[cpu][decode]") {
  test::RandomModelSpec spec = four_groups();
  for (const int threads : {1, 2, 4}) {
    for (const auto rule : {hls::WidthRule::kSequence, hls::WidthRule::kBudget, hls::WidthRule::kPrefix,
                            hls::WidthRule::kRandom, hls::WidthRule::kReversed}) {
      spec.activations = model::Activations::kMixed;
      spec.rule = rule;
      same_passes(test::random_model(spec), {"auto", threads}, {20, 1, 1, 1, 1, 1, 1, 1});
    }
    for (const auto activations : {model::Activations::k8, model::Activations::k4}) {
      spec.activations = activations;
      same_passes(test::random_model(spec), {"auto", threads}, {20, 1, 1, 1});
    }
  }
}

TEST_CASE("decoded tokens equal ref in shapes that cut blocks of rows", "[cpu][decode]") {
  test::RandomModelSpec spec;
  spec.hidden = 36;
  spec.intermediate = 50;  // the last of four shares has nothing
  spec.vocab = 61;
  spec.tied = false;
  for (const int head_dim : {4, 8, 12, 20}) {
    spec.head_dim = head_dim;
    spec.heads = 8;
    spec.kv_heads = 4;
    const auto m = test::random_model(spec);
    for (const int threads : {1, 2, 4}) {
      INFO("head_dim " << head_dim);
      // Shares are whole columns of packed codes: 8 * head_dim columns for 1, 2 or 4 of them.
      CHECK(backends::cpu::TokenDecoder::pays(m.config, threads) == (threads == 1 || 8 * head_dim / threads % 16 == 0));
      same_passes(m, {"auto", threads}, {1, 30, 1, 1});
    }
  }
  for (const int threads : {3, 8}) CHECK_FALSE(backends::cpu::TokenDecoder::pays(test::random_model(spec).config, threads));
}
