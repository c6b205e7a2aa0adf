// SPDX-License-Identifier: Apache-2.0
#include "host/engine/weight_image.hpp"

#include <algorithm>
#include <string>

#include "host/engine/bands.hpp"
#include "host/engine/weight_tile.hpp"
#include "host/model/error.hpp"

namespace squat::engine {
namespace {

/// Words of a layer's biases; 0 for a model without.
int bias_words(const model::ModelConfig& c) {
  if (!c.gpt2()) return 0;
  const auto words = [](int channels) { return round_up(channels, kTile) / 16; };
  return words(c.q_size()) + 2 * words(c.kv_size()) + 2 * words(c.hidden_size) + words(c.intermediate_size);
}

void require(bool condition, const std::string& what, int found, const std::string& limit) {
  if (!condition) {
    throw Error(ExitCode::kDeviceUnavailable, "the accelerator cannot hold this model: " + what + " is " +
                                                  std::to_string(found) + ", " + limit + "; run it with --device cpu");
  }
}

}  // namespace

void check_limits(const model::ModelConfig& c, const AcceleratorLimits& limits) {
  require(c.head_dim == 32 || c.head_dim == 64 || c.head_dim == 128, "head_dim", c.head_dim, "supported: 32, 64, 128");
  require(c.hidden_size % 16 == 0 && c.hidden_size <= limits.max_hidden, "hidden_size", c.hidden_size,
          "needed: a multiple of 16 up to " + std::to_string(limits.max_hidden));
  require(c.layers <= limits.max_layers, "num_hidden_layers", c.layers, "at most " + std::to_string(limits.max_layers));
  // The longest tile (8-bit weights: 32 bytes a column, a quarter of the columns in each bank) must fit the ring, and its sums
  // 27 bits: 4096 products of -128 and 127 at most.
  const int longest = std::min(limits.ring_depth / 2 * kBands, 4096);
  require(c.intermediate_size % 16 == 0 && c.intermediate_size <= longest, "intermediate_size", c.intermediate_size,
          "needed: a multiple of 16 up to " + std::to_string(longest));
  require(c.q_size() <= longest, "heads * head_dim", c.q_size(), "at most " + std::to_string(longest));
  // The values of a token lie in that many words of vector memory.
  const int value_words = (1 << spec::kAppendVXStride.width) - 1;
  require(c.kv_size() <= value_words * 16, "kv_heads * head_dim", c.kv_size(), "at most " + std::to_string(value_words * 16));
  const int tiles = (1 << spec::kGemmTiles.width) - 1;
  require(c.vocab_size <= tiles * kTile, "vocab_size", c.vocab_size, "at most " + std::to_string(tiles * kTile));
  // The next layer's biases are fetched while this one's are in use.
  require(2 * bias_words(c) <= limits.bias_depth, "the number of biases of a layer", bias_words(c) * 16,
          "at most " + std::to_string(limits.bias_depth / 2 * 16));
}

void place_biases(WeightImage& image, const AcceleratorLimits& limits) {
  const auto half = static_cast<std::uint32_t>(limits.bias_depth / 2);
  for (std::size_t l = 1; l < image.layers.size(); l += 2) {
    LayerPlan& plan = image.layers[l];
    if (!plan.k.biased) return;
    for (MatrixPlan* matrix : {&plan.q, &plan.k, &plan.v, &plan.o, &plan.gate_up, &plan.down}) matrix->bias += half;
    for (BiasPlan* biases : {&plan.input_bias, &plan.output_bias}) biases->word += half;
  }
}

}  // namespace squat::engine
