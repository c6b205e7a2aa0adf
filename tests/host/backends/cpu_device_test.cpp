// SPDX-License-Identifier: Apache-2.0
// The CPU device against the reference: logits, widths and every tensor, bit for bit.
#include "host/backends/cpu/cpu_device.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "host/backends/cpu/kernel_choice.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "tests/catch.hpp"
#include "tests/host/backends/tensors.hpp"
#include "tests/support/random_model.hpp"

using namespace squat;

namespace {

constexpr hls::WidthRule kRules[] = {hls::WidthRule::kSequence, hls::WidthRule::kBudget, hls::WidthRule::kPrefix,
                                     hls::WidthRule::kRandom, hls::WidthRule::kReversed};

/// One pass on both devices.
void same_pass(engine::Device& ref, engine::Device& cpu, const std::vector<int>& ids, engine::RowRange rows) {
  engine::PassResult expected, actual;
  const test::Tensors expected_tensors = test::tapped_run(ref, ids, rows, expected);
  const test::Tensors actual_tensors = test::tapped_run(cpu, ids, rows, actual);
  REQUIRE(expected_tensors.size() == actual_tensors.size());
  for (const auto& [key, tensor] : expected_tensors) {
    INFO("layer " << key.first << ", " << key.second);
    REQUIRE(actual_tensors.at(key) == tensor);
  }
  REQUIRE(actual.logits == expected.logits);
  REQUIRE(actual.eight_tokens_per_layer == expected.eight_tokens_per_layer);
  REQUIRE(actual.rows == expected.rows);
  REQUIRE(actual.tokens == expected.tokens);
}

void same_device(const test::RandomModelSpec& spec, const std::vector<int>& passes) {
  const auto m = test::random_model(spec);
  backends::RefDevice ref(m);
  backends::CpuDevice cpu(m);
  for (int round = 0; round < 2; ++round) {  // the second round after a reset
    unsigned salt = 0;
    for (const int tokens : passes) {
      const engine::RowRange rows = salt % 2 == 0 ? engine::RowRange::kAll : engine::RowRange::kLast;
      same_pass(ref, cpu, test::make_ids(tokens, spec.vocab, salt++), rows);
    }
    ref.reset();
    cpu.reset();
  }
}

/// All logits of a prompt in chunks.
std::vector<std::int32_t> chunked(engine::Device& device, const std::vector<int>& ids, std::size_t chunk) {
  device.reset();
  std::vector<std::int32_t> logits;
  for (std::size_t start = 0; start < ids.size(); start += chunk) {
    const auto end = std::min(ids.size(), start + chunk);
    const std::vector<int> part(ids.begin() + static_cast<std::ptrdiff_t>(start),
                                ids.begin() + static_cast<std::ptrdiff_t>(end));
    const auto result = device.run(part, engine::RowRange::kAll);
    logits.insert(logits.end(), result.logits.begin(), result.logits.end());
  }
  return logits;
}

}  // namespace

TEST_CASE("cpu equals ref in uniform models", "[cpu]") {
  for (const auto activations : {model::Activations::k8, model::Activations::k4}) {
    for (const int bits : {4, 8}) {
      test::RandomModelSpec spec;
      spec.seed = static_cast<std::uint32_t>(10 + bits);
      spec.activations = activations;
      spec.weight_bits = bits;
      same_device(spec, {19, 1, 1, 40});
    }
  }
}

TEST_CASE("cpu equals ref with every kernel and any number of threads", "[cpu][kernels]") {
  for (const bool gpt2 : {false, true}) {
    for (const int bits : {4, 8}) {
      test::RandomModelSpec spec;
      spec.gpt2 = gpt2;
      spec.weight_bits = bits;
      if (gpt2) spec.kv_heads = spec.heads;
      const auto m = test::random_model(spec);
      for (const backends::cpu::KernelSet* set : backends::cpu::kernel_sets()) {
        if (!set->supported()) continue;
        for (const int threads : {1, 2, 4}) {
          INFO("kernel " << set->name << ", threads " << threads);
          backends::RefDevice ref(m);
          backends::CpuDevice cpu(m, {set->name, threads});
          unsigned salt = 0;
          for (const int tokens : {21, 1, 1, 9, 1}) {
            same_pass(ref, cpu, test::make_ids(tokens, spec.vocab, salt++), engine::RowRange::kAll);
          }
        }
      }
    }
  }
}

TEST_CASE("cpu equals ref under every width rule", "[cpu]") {
  for (const auto rule : kRules) {
    for (const std::uint32_t rho : {0U, 256U, 700U, 1024U}) {
      test::RandomModelSpec spec;
      spec.seed = 20 + rho;
      spec.rule = rule;
      spec.rho_num = rho;
      spec.layers = 3;
      same_device(spec, {33, 1, 1, 1});
    }
  }
}

TEST_CASE("cpu equals ref in every shape", "[cpu]") {
  test::RandomModelSpec grouped;  // 4:2 heads of 64
  grouped.head_dim = 64;
  grouped.gate_up_frac = 8;
  same_device(grouped, {50, 3, 1});
  test::RandomModelSpec odd;  // nothing a multiple of a vector register
  odd.hidden = 36;
  odd.intermediate = 50;
  odd.vocab = 61;
  odd.heads = 3;
  odd.kv_heads = 1;
  odd.head_dim = 6;
  odd.tied = false;
  odd.gate_up_frac = 6;
  same_device(odd, {1, 31, 2, 1});
  test::RandomModelSpec wide;
  wide.layers = 1;
  wide.hidden = 520;
  wide.intermediate = 1000;
  wide.heads = 8;
  wide.kv_heads = 8;
  wide.weight_bits = 8;
  same_device(wide, {128, 100, 1});
}

TEST_CASE("cpu equals ref in GPT-2 models", "[cpu][gpt2]") {
  for (const int heads : {4, 2, 6}) {  // of 32, 64 and 20 columns; 120 is no multiple of a vector register
    test::RandomModelSpec spec;
    spec.gpt2 = true;
    spec.heads = heads;
    spec.hidden = heads == 6 ? 120 : 128;
    spec.intermediate = heads == 6 ? 250 : 512;
    spec.gate_up_frac = 5 + heads / 2;
    for (const auto& [bits, activations] :
         {std::pair{8, model::Activations::k8}, std::pair{4, model::Activations::k8}, std::pair{4, model::Activations::k4}}) {
      spec.weight_bits = bits;
      spec.activations = activations;
      same_device(spec, {19, 1, 1, 40});
    }
    spec.activations = model::Activations::kMixed;
    for (const auto rule : kRules) {
      spec.rule = rule;
      same_device(spec, {33, 1, 1, 1});
    }
    spec.rule = hls::WidthRule::kBudget;
    same_device(spec, {128, 90, 1, 1});
  }
}

TEST_CASE("chunk boundaries do not show under the budget rule", "[cpu][ref]") {
  for (const auto& [rho, gpt2] : {std::pair{256U, false}, std::pair{512U, false}, std::pair{512U, true}}) {
    test::RandomModelSpec spec;
    spec.seed = rho;
    spec.rho_num = rho;
    spec.gpt2 = gpt2;
    const auto m = test::random_model(spec);
    backends::RefDevice ref(m);
    backends::CpuDevice cpu(m);
    const auto ids = test::make_ids(120, spec.vocab);
    const auto whole = chunked(ref, ids, 120);
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{16}, std::size_t{50}}) {
      CHECK(chunked(ref, ids, chunk) == whole);
      CHECK(chunked(cpu, ids, chunk) == whole);
    }
    CHECK(chunked(cpu, ids, 120) == whole);
  }
}

TEST_CASE("chunk boundaries show under a rule that looks ahead", "[ref]") {
  test::RandomModelSpec spec;
  spec.rule = hls::WidthRule::kSequence;
  const auto m = test::random_model(spec);
  backends::RefDevice ref(m);
  const auto ids = test::make_ids(60, spec.vocab);
  CHECK(chunked(ref, ids, 1) != chunked(ref, ids, 60));
}
