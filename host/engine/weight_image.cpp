// SPDX-License-Identifier: Apache-2.0
#include "host/engine/weight_image.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include "host/model/crc32.hpp"
#include "host/model/error.hpp"

namespace squat::engine {
namespace {

constexpr int kTile = 32;
constexpr int kBands = 4;

int round_up(int value, int step) { return (value + step - 1) / step * step; }

/// Output channel of the image -> row of the matrix.
using RowMap = std::function<int(int channel)>;
/// Where the codes of each output channel of the image begin.
using Channels = std::vector<const std::int8_t*>;

/// Columns [first, first + count) of 32 channels, column by column; zero beyond the matrix.
void pack_tile(const std::int8_t* const* channels, int first, int count, int columns, bool eight_bit, std::uint8_t* to) {
  for (int column = first; column < std::min(first + count, columns); ++column) {
    if (eight_bit) {
      for (int c = 0; c < kTile; ++c) *to++ = static_cast<std::uint8_t>(channels[c][column]);
    } else {
      for (int c = 0; c < kTile; c += 2)
        *to++ = static_cast<std::uint8_t>((channels[c + 1][column] & 15) << 4 | (channels[c][column] & 15));
    }
  }
}

MatrixPlan append_matrix(std::vector<std::uint8_t>& bytes, Channels channels, int columns, bool eight_bit) {
  MatrixPlan plan;
  plan.offset = static_cast<std::uint32_t>(bytes.size() / 16);
  plan.tiles = static_cast<std::uint32_t>(round_up(static_cast<int>(channels.size()), kTile) / kTile);
  plan.ks = static_cast<std::uint32_t>(round_up(columns, 16 * kBands) / kBands);
  plan.words = plan.ks * (eight_bit ? 2 : 1);
  plan.bank_stride = plan.tiles * plan.words;
  plan.eight_bit = eight_bit;
  const std::vector<std::int8_t> padding(static_cast<std::size_t>(columns), 0);
  channels.resize(std::size_t{plan.tiles} * kTile, padding.data());
  const std::size_t tile_bytes = std::size_t{plan.words} * 16;
  std::size_t at = bytes.size();
  bytes.resize(at + kBands * plan.tiles * tile_bytes);
  plan.crc.resize(plan.tiles);
  for (std::size_t bank = 0; bank < kBands; ++bank) {
    const int first = static_cast<int>(bank * plan.ks);
    for (std::size_t tile = 0; tile < plan.tiles; ++tile, at += tile_bytes) {
      pack_tile(channels.data() + tile * kTile, first, static_cast<int>(plan.ks), columns, eight_bit, bytes.data() + at);
      plan.crc[tile][bank] = model::crc32(bytes.data() + at, tile_bytes);
    }
  }
  return plan;
}

const std::int8_t* row_of(const model::IntMatrix& matrix, int row) {
  return matrix.codes.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(matrix.cols);
}

MatrixPlan append_mapped(std::vector<std::uint8_t>& bytes, const model::IntMatrix& matrix, const RowMap& row) {
  Channels channels;
  for (int channel = 0; channel < matrix.rows; ++channel) channels.push_back(row_of(matrix, row(channel)));
  return append_matrix(bytes, std::move(channels), matrix.cols, matrix.bits == 8);
}

/// Even channels gate, odd channels up.
MatrixPlan append_gate_up(std::vector<std::uint8_t>& bytes, const model::IntLayer& layer) {
  Channels channels;
  for (int row = 0; row < layer.gate.rows; ++row) {
    channels.push_back(row_of(layer.gate, row));
    channels.push_back(row_of(layer.up, row));
  }
  return append_matrix(bytes, std::move(channels), layer.gate.cols, layer.gate.bits == 8);
}

ParameterPlan append_words(std::vector<std::uint8_t>& bytes, const std::vector<std::uint32_t>& values) {
  ParameterPlan plan;
  const std::size_t first = bytes.size();
  plan.offset = static_cast<std::uint32_t>(first / 16);
  plan.count = static_cast<std::uint32_t>(round_up(static_cast<int>(values.size()), 4));
  for (std::uint32_t v : values) {
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(v >> shift));
  }
  while (bytes.size() % 64 != 0) bytes.push_back(0);
  plan.crc = model::crc32(bytes.data() + first, std::size_t{plan.count} * 4);
  return plan;
}

NormPlan append_norm(std::vector<std::uint8_t>& bytes, const model::IntNorm& norm) {
  NormPlan plan;
  plan.gain = append_words(bytes, std::vector<std::uint32_t>(norm.gain.begin(), norm.gain.end()));
  if (!norm.beta.empty()) plan.beta = append_words(bytes, std::vector<std::uint32_t>(norm.beta.begin(), norm.beta.end()));
  return plan;
}

/// A matrix of the image with the biases that follow its channels.
struct Biased {
  MatrixPlan& plan;
  const model::IntMatrix& matrix;
  const RowMap& row;
};

/// Biases of the matrices, one after the other, from `word` of their half of the bias buffer on.
BiasPlan append_biases(std::vector<std::uint8_t>& bytes, std::uint32_t word, std::initializer_list<Biased> matrices) {
  BiasPlan plan;
  plan.word = word;
  std::vector<std::uint32_t> values;
  for (const Biased& b : matrices) {
    b.plan.biased = true;
    b.plan.bias = word + static_cast<std::uint32_t>(values.size() / 16);
    for (int channel = 0; channel < static_cast<int>(b.plan.tiles) * kTile; ++channel) {
      const bool padding = channel >= b.matrix.rows;
      values.push_back(padding ? 0U : static_cast<std::uint32_t>(b.matrix.bias[static_cast<std::size_t>(b.row(channel))]));
    }
  }
  plan.values = append_words(bytes, values);
  return plan;
}

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

/// An upper bound of the image's bytes, so that it never moves while it grows: matrices with a bias each, norms, padding.
std::size_t most_bytes(const model::IntegerModel& m) {
  const auto packed = [](const model::IntMatrix& matrix) {
    const auto rows = static_cast<std::size_t>(round_up(matrix.rows, kTile));
    return rows * static_cast<std::size_t>(round_up(matrix.cols, 16 * kBands)) / (matrix.bits == 8 ? 1 : 2) + rows * 4;
  };
  const std::size_t norm = 2 * (static_cast<std::size_t>(m.config.hidden_size) * 4 + 64);
  std::size_t bytes = packed(m.head()) + m.rope_step.size() * 4 + (2 * m.layers.size() + 1) * norm + 3 * 4096;
  for (const model::IntLayer& layer : m.layers) {
    for (const model::IntMatrix* matrix : {&layer.q, &layer.k, &layer.v, &layer.o, &layer.gate, &layer.up, &layer.down})
      bytes += packed(*matrix);
  }
  return bytes;
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

WeightImage build_weight_image(const model::IntegerModel& m) {
  WeightImage image;
  image.bytes.reserve(most_bytes(m));
  const int head_dim = m.config.head_dim;
  // Channel 2i of a head is dimension i, channel 2i+1 dimension i + head_dim/2: a RoPE pair shares a cell.
  const RowMap rope = [head_dim](int channel) {
    const int d = channel % head_dim;
    return channel - d + d / 2 + (d % 2) * (head_dim / 2);
  };
  const RowMap plain = [](int channel) { return channel; };
  for (const model::IntLayer& layer : m.layers) {
    LayerPlan plan;
    plan.k = append_mapped(image.bytes, layer.k, rope);
    plan.q = append_mapped(image.bytes, layer.q, rope);
    plan.v = append_mapped(image.bytes, layer.v, plain);
    plan.o = append_mapped(image.bytes, layer.o, plain);
    plan.gate_up = m.config.gpt2() ? append_mapped(image.bytes, layer.up, plain) : append_gate_up(image.bytes, layer);
    plan.down = append_mapped(image.bytes, layer.down, plain);
    plan.input_norm = append_norm(image.bytes, layer.input_norm);
    plan.mlp_norm = append_norm(image.bytes, layer.mlp_norm);
    if (m.config.gpt2()) {
      plan.input_bias =
          append_biases(image.bytes, 0, {{plan.k, layer.k, rope}, {plan.q, layer.q, rope}, {plan.v, layer.v, plain}});
      plan.output_bias =
          append_biases(image.bytes, plan.input_bias.values.count / 16,
                        {{plan.o, layer.o, plain}, {plan.gate_up, layer.up, plain}, {plan.down, layer.down, plain}});
    }
    image.layers.push_back(plan);
  }
  image.head = append_mapped(image.bytes, m.head(), plain);
  image.final_norm = append_norm(image.bytes, m.final_norm);
  image.rope_step = append_words(image.bytes, m.rope_step);
  while (image.bytes.size() % 4096 != 0) image.bytes.push_back(0);
  image.units = static_cast<std::uint32_t>(image.bytes.size() / 16);
  return image;
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
