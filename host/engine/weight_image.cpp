// SPDX-License-Identifier: Apache-2.0
#include "host/engine/weight_image.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string>

#include "host/model/crc32.hpp"
#include "host/model/error.hpp"

namespace squat::engine {
namespace {

constexpr int kTile = 32;
constexpr int kBands = 4;

int round_up(int value, int step) { return (value + step - 1) / step * step; }

/// Output channel of the image -> row of the matrix, or -1 for padding.
using RowMap = std::function<int(int channel)>;
/// Code at (row, column); columns beyond the matrix are never asked for.
using CodeAt = std::function<std::int8_t(int channel, int column)>;

MatrixPlan append_matrix(std::vector<std::uint8_t>& bytes, int channels, int columns, bool eight_bit, const CodeAt& code) {
  MatrixPlan plan;
  plan.offset = static_cast<std::uint32_t>(bytes.size() / 16);
  plan.tiles = static_cast<std::uint32_t>(round_up(channels, kTile) / kTile);
  plan.ks = static_cast<std::uint32_t>(round_up(columns, 16 * kBands) / kBands);
  plan.words = plan.ks * (eight_bit ? 2 : 1);
  plan.bank_stride = plan.tiles * plan.words;
  plan.eight_bit = eight_bit;
  const auto at = [&](int channel, int column) -> int {
    return channel < channels && column < columns ? code(channel, column) : 0;
  };
  bytes.reserve(bytes.size() + std::size_t{kBands} * plan.bank_stride * 16);
  plan.crc.resize(plan.tiles);
  for (int bank = 0; bank < kBands; ++bank) {
    for (int tile = 0; tile < static_cast<int>(plan.tiles); ++tile) {
      const std::size_t first = bytes.size();
      for (int i = 0; i < static_cast<int>(plan.ks); ++i) {
        const int column = bank * static_cast<int>(plan.ks) + i;
        if (eight_bit) {
          for (int c = 0; c < kTile; ++c) bytes.push_back(static_cast<std::uint8_t>(at(tile * kTile + c, column)));
        } else {
          for (int c = 0; c < kTile; c += 2) {
            const int low = at(tile * kTile + c, column) & 15;
            const int high = at(tile * kTile + c + 1, column) & 15;
            bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
          }
        }
      }
      plan.crc[static_cast<std::size_t>(tile)][static_cast<std::size_t>(bank)] =
          model::crc32(bytes.data() + first, bytes.size() - first);
    }
  }
  return plan;
}

MatrixPlan append_mapped(std::vector<std::uint8_t>& bytes, const model::IntMatrix& matrix, const RowMap& row) {
  return append_matrix(bytes, matrix.rows, matrix.cols, matrix.bits == 8, [&](int channel, int column) {
    return matrix.codes[static_cast<std::size_t>(row(channel)) * static_cast<std::size_t>(matrix.cols) +
                        static_cast<std::size_t>(column)];
  });
}

/// Even channels gate, odd channels up.
MatrixPlan append_gate_up(std::vector<std::uint8_t>& bytes, const model::IntLayer& layer) {
  return append_matrix(bytes, 2 * layer.gate.rows, layer.gate.cols, layer.gate.bits == 8, [&](int channel, int column) {
    const model::IntMatrix& matrix = channel % 2 == 0 ? layer.gate : layer.up;
    return matrix.codes[static_cast<std::size_t>(channel / 2) * static_cast<std::size_t>(matrix.cols) +
                        static_cast<std::size_t>(column)];
  });
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

/// Biases of the matrices, one after the other, from `word` of the bias buffer on.
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

WeightImage build_weight_image(const model::IntegerModel& m, const AcceleratorLimits& limits) {
  check_limits(m.config, limits);
  WeightImage image;
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
      const auto half = static_cast<std::uint32_t>(limits.bias_depth / 2 * static_cast<int>(image.layers.size() % 2));
      plan.input_bias =
          append_biases(image.bytes, half, {{plan.k, layer.k, rope}, {plan.q, layer.q, rope}, {plan.v, layer.v, plain}});
      plan.output_bias =
          append_biases(image.bytes, half + plan.input_bias.values.count / 16,
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

}  // namespace squat::engine
