// SPDX-License-Identifier: Apache-2.0
// The forward pass with FP16 or FP32 weights, FP32 arithmetic and a cache of keys and values: the row that integer models are
// compared with. Its results are those of host/reference_float/ but for the rounding of weights and the order of sums.
#pragma once

#include <vector>

#include "host/backends/cpu/float_kernels.hpp"
#include "host/backends/cpu/packed_matrix.hpp"
#include "host/backends/cpu/thread_pool.hpp"
#include "host/model/float_model.hpp"

namespace squat::backends::cpu {

enum class FloatWidth { kHalf, kSingle };

class FloatBaseline {
 public:
  /// Keeps its own copy of the weights, norms and biases in FP32, matrices in the width given. threads: 1..256.
  FloatBaseline(const model::FloatModel& model, FloatWidth width, int threads);

  /// Forgets all tokens.
  void reset() { position_ = 0; }
  int position() const { return position_; }
  /// Tokens that follow the ones before; the logits (vocab) of the last one, valid until the next call. Throws usage_error for
  /// ids outside the vocabulary and for more tokens than max_positions.
  const std::vector<float>& run(const std::vector<int>& ids);
  /// Bytes of weights that one token reads.
  std::size_t weight_bytes() const;
  const model::ModelConfig& config() const { return config_; }
  const char* kernel() const { return kernels_.name; }

 private:
  struct Matrix {
    int rows = 0, columns = 0, padded = 0;
    AlignedArray<std::uint8_t> data;
    std::vector<float> bias;
    std::size_t panel_bytes = 0;  ///< of kFloatRows rows
    int panels = 0;
  };
  struct Norm {
    std::vector<float> gain, beta;  ///< no beta: RMSNorm
  };
  struct Layer {
    Norm input_norm, mlp_norm;
    Matrix q, k, v, o, gate, up, down;
    std::vector<float> keys, values;  ///< (max_positions, kv_heads * head_dim)
  };
  /// Rows of activations, padded to kFloatPad.
  struct Rows {
    std::size_t stride = 0;
    std::vector<float> data;
    void resize(int tokens, int columns);
    float* row(int t) { return data.data() + static_cast<std::size_t>(t) * stride; }
  };

  Matrix pack(const model::FloatMatrix& w) const;
  void embed(const std::vector<int>& ids);
  void normalize(const Norm& norm, int first, int rows);
  /// out = w * in + bias, or residual_ += .
  void project(const Matrix& w, Rows& in, int tokens, float* out, bool accumulate);
  void rotate(float* x, int heads, int position) const;
  void attend(Layer& layer, int tokens, int kv_head);
  void activate(int tokens);

  model::ModelConfig config_;
  FloatWidth width_;
  const FloatKernels& kernels_;
  ThreadPool pool_;
  std::vector<float> embedding_, positions_, cos_, sin_;  ///< cos, sin: (max_positions, head_dim / 2)
  Matrix head_;
  Norm final_norm_;
  std::vector<Layer> layers_;
  int position_ = 0;
  Rows normed_, mixed_, inner_;
  std::vector<float> residual_, q_, k_, v_, gate_, up_, product_, logits_;
};

}  // namespace squat::backends::cpu
