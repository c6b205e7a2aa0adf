// SPDX-License-Identifier: Apache-2.0
// The command compiler, judged by the functional kernel against the straight-line reference pass.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/backends/ref/ref_device.hpp"
#include "host/engine/accelerator_device.hpp"
#include "host/engine/buffer_plan.hpp"
#include "host/engine/weight_image.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/catch.hpp"
#include "tests/support/compare_devices.hpp"
#include "tests/support/functional_link.hpp"

using namespace squat;

namespace {

void compare(const model::IntegerModel& m, const std::vector<int>& passes, unsigned seed,
             engine::AcceleratorLimits limits = {}) {
  backends::RefDevice ref(m);
  engine::AcceleratorDevice device(m, std::make_unique<test::FunctionalLink>(limits), "functional");
  test::require_equal_passes(ref, device, passes, seed);
}

const model::ModelConfig kSmall = test::small_shape();
const model::ModelConfig kWide = test::wide_shape();
const model::ModelConfig kOdd = test::odd_shape();
const model::ModelConfig kGpt2Small = test::gpt2_shape(128, 512, 3, 4, 96);  // heads of 32
const model::ModelConfig kGpt2Wide = test::gpt2_shape(256, 320, 2, 4, 100);  // heads of 64
const model::ModelConfig kGpt2Odd = test::gpt2_shape(96, 208, 3, 3, 77);     // no dimension is a multiple of 64

}  // namespace

TEST_CASE("uniform widths: prefill, chunks and single tokens equal the reference") {
  for (const model::ModelConfig& config : {kSmall, kWide, kOdd}) {
    for (int bits : {4, 8}) {
      for (model::Activations activations : {model::Activations::k8, model::Activations::k4}) {
        const model::IntegerModel m = quantize::random_model(config, bits, test::uniform(activations), 11);
        INFO("hidden " << config.hidden_size << ", weights " << bits << " bit, activations " << static_cast<int>(activations));
        compare(m, {17, 1, 1, 5, 4, 2, 33, 1, 128, 1}, 3);
      }
    }
  }
}

TEST_CASE("GPT-2: uniform widths, prefill, chunks and single tokens equal the reference") {
  for (const model::ModelConfig& config : {kGpt2Small, kGpt2Wide, kGpt2Odd}) {
    for (int bits : {4, 8}) {
      for (model::Activations activations : {model::Activations::k8, model::Activations::k4}) {
        INFO("hidden " << config.hidden_size << ", weights " << bits << " bit, activations " << static_cast<int>(activations));
        for (int frac : {6, 9}) {
          compare(quantize::random_model(config, bits, test::uniform(activations), 11, frac),
                  {17, 1, 1, 5, 4, 2, 33, 1, 128, 1}, 3);
        }
      }
    }
  }
}

TEST_CASE("GPT-2: mixed widths equal the reference") {
  for (const model::ModelConfig& config : {kGpt2Small, kGpt2Wide}) {
    for (hls::WidthRule rule : {hls::WidthRule::kBudget, hls::WidthRule::kSequence}) {
      const model::IntegerModel m = quantize::random_model(config, 4, test::mixed(rule, 512), 5);
      INFO("rule " << static_cast<int>(rule) << ", hidden " << config.hidden_size);
      compare(m, {128, 1, 1, 1}, 9);
      compare(m, {2, 1}, 12);
      if (rule == hls::WidthRule::kBudget) compare(m, {17, 16, 1, 4, 40, 1}, 13);
    }
  }
}

TEST_CASE("mixed widths: every rule and share equals the reference") {
  for (const model::ModelConfig& config : {kSmall, kWide}) {
    for (hls::WidthRule rule : {hls::WidthRule::kBudget, hls::WidthRule::kSequence, hls::WidthRule::kPrefix,
                                hls::WidthRule::kRandom, hls::WidthRule::kReversed}) {
      for (std::uint32_t rho : {256U, 512U, 768U}) {
        const model::IntegerModel m = quantize::random_model(config, 4, test::mixed(rule, rho), 5);
        INFO("rule " << static_cast<int>(rule) << ", rho " << rho << "/1024, hidden " << config.hidden_size);
        compare(m, {128, 1, 1, 1}, 9);
        compare(m, {1, 1, 1}, 10);
        compare(m, {2, 1}, 12);
        compare(m, {3}, 14);
        if (rule == hls::WidthRule::kBudget) compare(m, {17, 16, 1, 4, 40, 1}, 13);
      }
    }
  }
}

TEST_CASE("8-bit weights with mixed activations equal the reference") {
  compare(quantize::random_model(kSmall, 8, test::mixed(hls::WidthRule::kBudget, 512), 6), {50, 1, 2, 16, 1}, 21);
}

TEST_CASE("a pass that does not fit the on-chip memories is split without changing the result") {
  engine::AcceleratorLimits limits;
  limits.vsram_depth = 700;
  const model::IntegerModel m = quantize::random_model(kSmall, 4, test::mixed(hls::WidthRule::kBudget, 512), 8);
  compare(m, {128, 1, 60}, 31, limits);

  const model::IntegerModel whole = quantize::random_model(kSmall, 4, test::mixed(hls::WidthRule::kSequence, 512), 8);
  engine::AcceleratorDevice device(whole, std::make_unique<test::FunctionalLink>(limits), "functional");
  REQUIRE_THROWS_AS(device.run(test::random_ids(128, whole.config.vocab_size, 1), engine::RowRange::kLast), squat::Error);
}

TEST_CASE("reset forgets the cache and the width counters") {
  const model::IntegerModel m = quantize::random_model(kSmall, 4, test::mixed(hls::WidthRule::kBudget, 512), 8);
  engine::AcceleratorDevice device(m, std::make_unique<test::FunctionalLink>(), "functional");
  const std::vector<int> ids = test::random_ids(20, m.config.vocab_size, 2);
  const std::vector<std::int32_t> first = device.run(ids, engine::RowRange::kAll).logits;
  device.run(test::random_ids(3, m.config.vocab_size, 3), engine::RowRange::kLast);
  device.reset();
  REQUIRE(device.position() == 0);
  REQUIRE(device.run(ids, engine::RowRange::kAll).logits == first);
}

TEST_CASE("a model the accelerator cannot hold is refused by name") {
  const std::vector<std::pair<model::ModelConfig, std::string>> cases = {
      {test::shape(128, 192, 1, 4, 4, 48, 64, true), "head_dim is 48"},
      {test::shape(2048, 192, 1, 4, 4, 32, 64, true), "hidden_size is 2048"},
      {test::shape(128, 8192, 1, 4, 4, 32, 64, true), "intermediate_size is 8192"},
      {test::shape(136, 192, 1, 4, 4, 32, 64, true), "hidden_size is 136"},
      {test::shape(128, 200, 1, 4, 4, 32, 64, true), "intermediate_size is 200"},
      {test::shape(128, 192, 65, 4, 4, 32, 64, true), "num_hidden_layers is 65"},
      {test::shape(128, 192, 1, 33, 33, 128, 64, true), "heads * head_dim is 4224"},
      {test::shape(128, 192, 1, 32, 32, 128, 64, true), "kv_heads * head_dim is 4096"},
      {test::shape(16, 16, 1, 1, 1, 32, 2097121, true), "vocab_size is 2097121, at most 2097120"},
      {test::gpt2_shape(1024, 4096, 1, 16, 64), "biases of a layer is 9216, at most 8192"}};
  for (const auto& [config, reason] : cases) {
    INFO(reason);
    const model::IntegerModel m = quantize::random_model(config, 4, test::uniform(model::Activations::k8), 1);
    try {
      engine::AcceleratorDevice(m, std::make_unique<test::FunctionalLink>(), "functional");
      FAIL("accepted");
    } catch (const squat::Error& error) {
      CHECK(error.code() == ExitCode::kDeviceUnavailable);
      CHECK(std::string(error.what()).find(reason) != std::string::npos);
    }
  }
}

TEST_CASE("the limits of docs/reference/limits.md can be reached") {
  for (const model::ModelConfig& config :
       {test::shape(1024, 4096, 1, 16, 16, 64, 64, true), test::shape(64, 64, 1, 32, 16, 128, 64, true),
        test::shape(64, 64, 1, 128, 1, 32, 64, true), test::shape(64, 64, 1, 127, 127, 32, 64, true),
        test::shape(32, 32, 64, 1, 1, 32, 64, true), test::gpt2_shape(768, 3072, 1, 12, 64)}) {
    INFO("hidden " << config.hidden_size << ", MLP " << config.intermediate_size << ", layers " << config.layers);
    compare(quantize::random_model(config, 4, test::uniform(model::Activations::k8), 5), {5, 1}, 7);
  }
  CHECK_NOTHROW(engine::check_limits(test::shape(16, 16, 1, 1, 1, 32, 2097120, true), {}));
}

// By hand. Vector memory, 16384 words: a token takes hidden/16 (residual) + kv/16 (values) + 2 * 2 * ceil(keys/32) (scores of
// two heads). Activation memory, 32768 addresses: g(s) * columns for s slots, g(s) = ceil(ceil(s/16) / 2), of queries (s = T),
// keys (T + 15), normed input and attention (T + 16), and heads * g(T) * (keys, up to the next multiple of 16).
//   llama at 896: 188 words a token, 87 * 188 = 16356. Activation at 87: 2048 + 1536 + 2048 + 8 * 3 * 992 + 2048 = 31488.
//   gpt2 at 896: 64 tokens take 2304 + 1536 + 2304 + 12 * 2 * 960 + 2304 = 31488 addresses, 65 take 12 * 3 * 976 alone.
//   wide at 0: 144 words a token, 113 * 144 = 16272. At 896: 32 tokens take 22016 addresses, 33 take 16 * 2 * 944 = 30208 for
//   probabilities and 8192 more.
TEST_CASE("the longest passes of docs/reference/limits.md") {
  const auto longest = [](model::ModelConfig config, int first_position) {
    config.max_positions = 1024;
    return engine::longest_pass(config, {}, {128, first_position});
  };
  const model::ModelConfig llama = quantize::shape_config("llama-58m"), gpt2 = quantize::shape_config("gpt2-97m");
  const model::ModelConfig wide = test::shape(1024, 4096, 1, 16, 16, 64, 64, true);
  CHECK(longest(llama, 0) == 128);
  CHECK(longest(llama, 896) == 87);
  CHECK(longest(gpt2, 0) == 128);
  CHECK(longest(gpt2, 896) == 64);
  CHECK(longest(wide, 0) == 113);
  CHECK(longest(wide, 896) == 32);
  CHECK(longest(llama, 1023) == 1);
  CHECK(longest(gpt2, 1023) == 1);
  CHECK(longest(wide, 1023) == 1);
}
