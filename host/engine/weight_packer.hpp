// SPDX-License-Identifier: Apache-2.0
// The weights of a model, put where the device is to get them from: nowhere else is there a copy of them.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/weight_image.hpp"

namespace squat::engine {

/// Knows where everything goes; the model must outlive it.
class WeightPacker {
 public:
  explicit WeightPacker(const model::IntegerModel& m);
  WeightPacker(const WeightPacker&) = delete;
  WeightPacker& operator=(const WeightPacker&) = delete;

  /// The places, and after write() the checksums. The biases of every layer begin at word 0 until place_biases.
  WeightImage& image() { return image_; }

  /// Writes all image().units * 16 bytes, on several processors: about half the size of the codes for 4-bit weights.
  void write(std::uint8_t* to);

 private:
  /// Where the codes of each output channel of a matrix of the image begin.
  using Channels = std::vector<const std::int8_t*>;
  struct Matrix {
    MatrixPlan* plan;
    Channels channels;
    int columns;
  };
  struct Words {
    ParameterPlan* plan;
    std::vector<std::uint32_t> values;
  };
  struct Part {
    std::size_t matrix;
    std::uint32_t tile;  ///< the first
  };
  struct Biased;

  void add_layer(const model::ModelConfig& config, const model::IntLayer& layer, LayerPlan& plan);
  template <class RowMap>
  void add_mapped(MatrixPlan& plan, const model::IntMatrix& matrix, const RowMap& row);
  void add_matrix(MatrixPlan& plan, Channels channels, int columns, bool eight_bit);
  void add_words(ParameterPlan& plan, std::vector<std::uint32_t> values);
  void add_norm(NormPlan& plan, const model::IntNorm& norm);
  void add_biases(BiasPlan& plan, std::uint32_t word, const std::vector<Biased>& matrices);
  void write_part(const Part& part, std::uint8_t* to);
  static void write_words(const Words& words, std::uint8_t* to);

  WeightImage image_;
  std::size_t bytes_ = 0;  ///< up to here the image is planned
  std::vector<Matrix> matrices_;
  std::vector<Part> parts_;  ///< of the matrices, of a size that threads take in turn
  std::vector<Words> words_;
};

}  // namespace squat::engine
