// SPDX-License-Identifier: Apache-2.0
// The sum of operations against whole passes whose instructions QEMU counted, bytes against what the CPU device packs, and the
// range against its definition.
#include "host/arm_model/pass_cost.hpp"

#include <cmath>

#include "host/backends/cpu/cpu_device.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"
#include "tests/catch.hpp"
#include "tests/support/compare_devices.hpp"

using namespace squat;
using arm_model::Cost;
using arm_model::CostTable;
using arm_model::Operation;

namespace {

/// A model's shape without its weights.
model::IntegerModel shape_of(const std::string& name, int weight_bits, model::Activations activations) {
  model::IntegerModel m;
  m.config = quantize::shape_config(name);
  m.weight_bits = weight_bits;
  m.widths.activations = activations;
  const auto set = [](model::IntMatrix& w, int rows, int cols, int bits) { w.rows = rows, w.cols = cols, w.bits = bits; };
  const model::ModelConfig& c = m.config;
  set(m.lm_head, c.vocab_size, c.hidden_size, 8);
  m.embedding = m.lm_head;
  m.layers.resize(static_cast<std::size_t>(c.layers));
  for (model::IntLayer& l : m.layers) {
    set(l.q, c.q_size(), c.hidden_size, weight_bits);
    set(l.k, c.kv_size(), c.hidden_size, weight_bits);
    set(l.v, c.kv_size(), c.hidden_size, weight_bits);
    set(l.o, c.hidden_size, c.q_size(), weight_bits);
    if (!c.gpt2()) set(l.gate, c.intermediate_size, c.hidden_size, weight_bits);
    set(l.up, c.intermediate_size, c.hidden_size, weight_bits);
    set(l.down, c.hidden_size, c.intermediate_size, weight_bits);
  }
  return m;
}

double instructions(const char* kernel, const char* core, int first, int tokens) {
  const model::IntegerModel m = shape_of("llama-58m", 4, model::Activations::k8);
  const std::vector<std::uint32_t> eight(m.layers.size(), static_cast<std::uint32_t>(tokens));
  return arm_model::pass_cost(CostTable(kernel, core), m, first, tokens, eight).instructions;
}

}  // namespace

TEST_CASE("The sum of operations is within 3 % of the instructions that QEMU counted in whole passes") {
  const auto check = [](const char* pass, double modelled) {
    const double counted = arm_model::counted_pass(pass);
    INFO(pass << ": modelled " << modelled << ", counted " << counted);
    CHECK(std::fabs(modelled / counted - 1.0) < 0.03);
  };
  check("dotprod token", instructions("dotprod", "cortex-a76", 127, 1));
  check("i8mm token", instructions("i8mm", "cortex-x3", 127, 1));
  check("neon token", instructions("neon", "cortex-a53", 127, 1));
  check("dotprod prompt", instructions("dotprod", "cortex-a76", 0, 128));
  check("i8mm prompt", instructions("i8mm", "cortex-x3", 0, 128));
}

TEST_CASE("The cost of an item is linear in its size") {
  const CostTable table("dotprod", "cortex-a76");
  for (const Operation operation : {Operation::kGemv4, Operation::kGemm8, Operation::kSoftmax, Operation::kNorm}) {
    const Cost small = table.of(operation, 1, 64), large = table.of(operation, 1, 512), both = table.of(operation, 2, 576);
    CHECK(small.instructions > 0);
    CHECK(large.instructions > small.instructions);
    CHECK(both.instructions == Approx(small.instructions + large.instructions));
    CHECK(both.most_cycles == Approx(small.most_cycles + large.most_cycles));
    CHECK(large.least_cycles <= large.most_cycles);
  }
  CHECK_THROWS_AS(CostTable("dotprod", "cortex-a53"), Error);
  CHECK_THROWS_AS(CostTable("avx2", "cortex-a76"), Error);
}

TEST_CASE("Narrow codes cost less where byte products exist, and the same with the dot product") {
  const auto cycles = [](const char* kernel, const char* core, model::Activations activations) {
    const model::IntegerModel m = shape_of("tiny", 4, activations);
    const std::vector<std::uint32_t> eight(m.layers.size(), activations == model::Activations::k8 ? 1 : 0);
    return arm_model::pass_cost(CostTable(kernel, core), m, 16, 1, eight).most_cycles;
  };
  CHECK(cycles("neon", "cortex-a53", model::Activations::k4) < cycles("neon", "cortex-a53", model::Activations::k8));
  CHECK(cycles("dotprod", "cortex-a76", model::Activations::k4) == cycles("dotprod", "cortex-a76", model::Activations::k8));
}

TEST_CASE("Bytes of a pass are the packed weights and the cache") {
  for (const model::ModelConfig& config : {test::odd_shape(), test::small_shape(), test::gpt2_shape(96, 208, 2, 3, 70)}) {
    for (const int bits : {4, 8}) {
      const model::IntegerModel m = quantize::random_model(config, bits, {}, 1);
      const double cache = 2.0 * config.layers * config.kv_size() * 13;
      CHECK(arm_model::pass_bytes(m, 10, 3) == static_cast<double>(backends::CpuDevice(m).weight_bytes()) + cache);
    }
  }
}

TEST_CASE("The range goes from one hiding the other at the peak to neither at the sustained rate") {
  const arm_model::Core core = {"c", "k", "b", 2000, 4, 10.0, 5.0, "", ""};
  const Cost computing = {0, 8e6, 10e6}, little = {0, 1e3, 1e3};
  CHECK(arm_model::time_range(core, computing, 20e6, 1).least == Approx(4.0));  // 8e6 cycles at 2 GHz, 2 ms of reading
  CHECK(arm_model::time_range(core, computing, 20e6, 1).most == Approx(1.6 * 5.0 + 4.0));
  CHECK(arm_model::time_range(core, computing, 20e6, 2).least == Approx(2.0));
  CHECK(arm_model::time_range(core, computing, 20e6, 9).most == Approx(1.6 * 1.25 + 4.0));  // no more than four cores
  CHECK(arm_model::time_range(core, little, 20e6, 1).least == Approx(2.0));
  for (const arm_model::Core& real : arm_model::cores()) {
    CHECK(real.sustained_gb_s < real.peak_gb_s);
    CHECK_NOTHROW(CostTable(real.kernel, real.name));
  }
}
