// SPDX-License-Identifier: Apache-2.0
#include "host/engine/weight_packer.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <thread>
#include <utility>

#include "host/engine/bands.hpp"
#include "host/engine/weight_tile.hpp"
#include "host/model/crc32.hpp"

namespace squat::engine {
namespace {

constexpr std::uint32_t kTilesAtOnce = 16;
constexpr unsigned kMostThreads = 4;  ///< more do not read memory faster
constexpr std::size_t kPage = 4096, kLine = 64;

/// Output channel of the image -> row of the matrix.
using RowOf = std::function<int(int channel)>;

const std::int8_t* row_of(const model::IntMatrix& matrix, int row) {
  return matrix.codes.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(matrix.cols);
}

int plain(int channel) { return channel; }

std::vector<std::uint32_t> words_of(const std::vector<std::int32_t>& values) { return {values.begin(), values.end()}; }

}  // namespace

/// A matrix of the image with the biases that follow its channels.
struct WeightPacker::Biased {
  MatrixPlan& plan;
  const model::IntMatrix& matrix;
  RowOf row;
};

WeightPacker::WeightPacker(const model::IntegerModel& m) {
  image_.layers.resize(m.layers.size());
  for (std::size_t l = 0; l < m.layers.size(); ++l) add_layer(m.config, m.layers[l], image_.layers[l]);
  add_mapped(image_.head, m.head(), plain);
  add_norm(image_.final_norm, m.final_norm);
  add_words(image_.rope_step, m.rope_step);
  image_.units = static_cast<std::uint32_t>(round_up(bytes_, kPage) / 16);
}

void WeightPacker::add_layer(const model::ModelConfig& config, const model::IntLayer& layer, LayerPlan& plan) {
  // Channel 2i of a head is dimension i, channel 2i+1 dimension i + head_dim/2: a RoPE pair shares a cell.
  const auto rope = [head_dim = config.head_dim](int channel) {
    const int d = channel % head_dim;
    return channel - d + d / 2 + (d % 2) * (head_dim / 2);
  };
  add_mapped(plan.k, layer.k, rope);
  add_mapped(plan.q, layer.q, rope);
  add_mapped(plan.v, layer.v, plain);
  add_mapped(plan.o, layer.o, plain);
  if (config.gpt2()) {
    add_mapped(plan.gate_up, layer.up, plain);
  } else {
    Channels channels;  // even ones gate, odd ones up
    for (int row = 0; row < layer.gate.rows; ++row) {
      channels.push_back(row_of(layer.gate, row));
      channels.push_back(row_of(layer.up, row));
    }
    add_matrix(plan.gate_up, std::move(channels), layer.gate.cols, layer.gate.bits == 8);
  }
  add_mapped(plan.down, layer.down, plain);
  add_norm(plan.input_norm, layer.input_norm);
  add_norm(plan.mlp_norm, layer.mlp_norm);
  if (!config.gpt2()) return;
  add_biases(plan.input_bias, 0, {{plan.k, layer.k, rope}, {plan.q, layer.q, rope}, {plan.v, layer.v, plain}});
  add_biases(plan.output_bias, plan.input_bias.values.count / 16,
             {{plan.o, layer.o, plain}, {plan.gate_up, layer.up, plain}, {plan.down, layer.down, plain}});
}

template <class RowMap>
void WeightPacker::add_mapped(MatrixPlan& plan, const model::IntMatrix& matrix, const RowMap& row) {
  Channels channels;
  channels.reserve(static_cast<std::size_t>(matrix.rows));
  for (int channel = 0; channel < matrix.rows; ++channel) channels.push_back(row_of(matrix, row(channel)));
  add_matrix(plan, std::move(channels), matrix.cols, matrix.bits == 8);
}

void WeightPacker::add_matrix(MatrixPlan& plan, Channels channels, int columns, bool eight_bit) {
  plan.offset = static_cast<std::uint32_t>(bytes_ / 16);
  plan.tiles = static_cast<std::uint32_t>(round_up(channels.size(), kTile) / kTile);
  plan.ks = static_cast<std::uint32_t>(round_up(static_cast<std::size_t>(columns), 16 * kBands) / kBands);
  plan.words = plan.ks * (eight_bit ? 2 : 1);
  plan.bank_stride = plan.tiles * plan.words;
  plan.eight_bit = eight_bit;
  plan.crc.resize(plan.tiles);
  for (std::uint32_t tile = 0; tile < plan.tiles; tile += kTilesAtOnce) parts_.push_back({matrices_.size(), tile});
  matrices_.push_back({&plan, std::move(channels), columns});
  bytes_ += std::size_t{kBands} * plan.bank_stride * 16;
}

void WeightPacker::add_words(ParameterPlan& plan, std::vector<std::uint32_t> values) {
  plan.offset = static_cast<std::uint32_t>(bytes_ / 16);
  plan.count = static_cast<std::uint32_t>(round_up(values.size(), 4));
  bytes_ += round_up(values.size() * 4, kLine);
  words_.push_back({&plan, std::move(values)});
}

void WeightPacker::add_norm(NormPlan& plan, const model::IntNorm& norm) {
  add_words(plan.gain, words_of(norm.gain));
  if (!norm.beta.empty()) add_words(plan.beta, words_of(norm.beta));
}

/// Biases of the matrices, one after the other, from `word` of their half of the bias buffer on.
void WeightPacker::add_biases(BiasPlan& plan, std::uint32_t word, const std::vector<Biased>& matrices) {
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
  add_words(plan.values, std::move(values));
}

void WeightPacker::write(std::uint8_t* to) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t part = next++; part < parts_.size(); part = next++) write_part(parts_[part], to);
  };
  std::vector<std::future<void>> others;
  const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads);
  for (unsigned other = 1; other < threads; ++other) others.push_back(std::async(std::launch::async, work));
  for (const Words& words : words_) write_words(words, to);
  std::fill(to + bytes_, to + std::size_t{image_.units} * 16, std::uint8_t{0});
  work();
  for (std::future<void>& other : others) other.get();
}

void WeightPacker::write_part(const Part& part, std::uint8_t* to) {
  const Matrix& m = matrices_[part.matrix];
  MatrixPlan& plan = *m.plan;
  const std::vector<std::int8_t> padding(static_cast<std::size_t>(m.columns), 0);
  const std::size_t tile_bytes = std::size_t{plan.words} * 16;
  const std::size_t end = std::min(plan.tiles, part.tile + kTilesAtOnce);
  for (std::size_t tile = part.tile; tile < end; ++tile) {
    std::array<const std::int8_t*, kTile> channels;
    for (std::size_t c = 0; c < channels.size(); ++c) {
      const std::size_t channel = tile * kTile + c;
      channels[c] = channel < m.channels.size() ? m.channels[channel] : padding.data();
    }
    for (std::size_t bank = 0; bank < kBands; ++bank) {
      std::uint8_t* at = to + std::size_t{plan.offset} * 16 + (bank * plan.tiles + tile) * tile_bytes;
      const auto columns = static_cast<int>(plan.ks);
      pack_tile(channels.data(), static_cast<int>(bank) * columns, columns, m.columns, plan.eight_bit, at);
      plan.crc[tile][bank] = model::crc32(at, tile_bytes);
    }
  }
}

/// Little endian, zeros up to the next line.
void WeightPacker::write_words(const Words& words, std::uint8_t* to) {
  std::uint8_t* const first = to + std::size_t{words.plan->offset} * 16;
  std::uint8_t* at = first;
  for (const std::uint32_t value : words.values) {
    for (int shift = 0; shift < 32; shift += 8) *at++ = static_cast<std::uint8_t>(value >> shift);
  }
  std::fill(at, first + round_up(words.values.size() * 4, kLine), std::uint8_t{0});
  words.plan->crc = model::crc32(first, std::size_t{words.plan->count} * 4);
}

}  // namespace squat::engine
