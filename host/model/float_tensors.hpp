// SPDX-License-Identifier: Apache-2.0
// The one list of a float model's weights and of their places in the file: reader, writer and trainer walk it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "host/model/float_model.hpp"
#include "host/model/safetensors.hpp"
#include "host/model/tensor_names.hpp"

namespace squat::model {

/// Where a matrix (rows = output channels, cols = input channels) or a vector stands in the file.
struct FilePlace {
  std::string tensor;
  int rows = 0;  ///< 0: a vector of cols values
  int cols = 0;
  int first = 0;              ///< the tensor's output channel (for a bias: element) that is our first one
  int outputs = 0;            ///< output channels (elements) of the tensor: more than ours in GPT-2's c_attn
  bool inputs_first = false;  ///< GPT-2's Conv1D: (inputs, outputs)

  std::size_t size() const { return static_cast<std::size_t>(rows == 0 ? 1 : rows) * static_cast<std::size_t>(cols); }
  Shape shape() const {
    const auto in = static_cast<std::uint64_t>(cols), out = static_cast<std::uint64_t>(outputs);
    return rows == 0 ? Shape{out} : inputs_first ? Shape{in, out} : Shape{out, in};
  }
  /// Calls copy(our element, element of the tensor), both row-major.
  template <typename Copy>
  void for_each_element(Copy&& copy) const {
    const auto in = static_cast<std::size_t>(cols), out = static_cast<std::size_t>(outputs);
    const auto start = static_cast<std::size_t>(first), height = size() / in;
    for (std::size_t r = 0; r < height; ++r) {
      for (std::size_t c = 0; c < in; ++c) {
        copy(r * in + c, rows == 0 ? start + c : inputs_first ? c * out + start + r : (start + r) * in + c);
      }
    }
  }
};

/// Calls visit(FilePlace, std::vector<float>&) for every weight; those that share a tensor follow each other. `model.layers`
/// must have its final size. GPT-2: c_attn holds q, k and v, linear layers are Conv1D and have biases, norms have offsets.
template <typename Model, typename Visit>
void for_each_weight(Model& model, Visit&& visit) {
  const ModelConfig& c = model.config;
  const TensorNames names(c);
  const bool gpt2 = c.gpt2();
  const int h = c.hidden_size, m = c.intermediate_size, q = c.q_size(), kv = c.kv_size();
  const auto vector = [&](const std::string& name, auto& values) { visit(FilePlace{name, 0, h, 0, h, false}, values); };
  const auto table = [&](const std::string& name, auto& matrix, int rows) {
    visit(FilePlace{name + ".weight", rows, h, 0, rows, false}, matrix.w);
  };
  const auto norm = [&](const std::string& name, auto& gain, auto& beta) {
    vector(name + ".weight", gain);
    if (gpt2) vector(name + ".bias", beta);
  };
  const auto weights = [&](const std::string& name, auto& matrix, int rows, int cols, int first, int outputs) {
    visit(FilePlace{name + ".weight", rows, cols, first, outputs, gpt2}, matrix.w);
  };
  const auto biases = [&](const std::string& name, auto& matrix, int rows, int first, int outputs) {
    if (gpt2) visit(FilePlace{name + ".bias", 0, rows, first, outputs, false}, matrix.bias);
  };
  const auto linear = [&](const std::string& name, auto& matrix, int rows, int cols) {
    weights(name, matrix, rows, cols, 0, rows);
    biases(name, matrix, rows, 0, rows);
  };
  table(names.embedding, model.embedding, c.vocab_size);
  if (gpt2) table(names.positions, model.positions, c.max_positions);
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    auto& layer = model.layers[i];
    const LayerNames n = names.layer(i);
    norm(n.input_norm, layer.input_norm, layer.input_beta);
    if (gpt2) {
      const std::string c_attn = n.attention + ".c_attn";
      weights(c_attn, layer.q, h, h, 0, 3 * h);
      weights(c_attn, layer.k, h, h, h, 3 * h);
      weights(c_attn, layer.v, h, h, 2 * h, 3 * h);
      biases(c_attn, layer.q, h, 0, 3 * h);
      biases(c_attn, layer.k, h, h, 3 * h);
      biases(c_attn, layer.v, h, 2 * h, 3 * h);
    } else {
      linear(n.q, layer.q, q, h);
      linear(n.k, layer.k, kv, h);
      linear(n.v, layer.v, kv, h);
    }
    linear(n.o, layer.o, h, q);
    norm(n.mlp_norm, layer.mlp_norm, layer.mlp_beta);
    if (!gpt2) linear(n.gate, layer.gate, m, h);
    linear(n.up, layer.up, m, h);
    linear(n.down, layer.down, h, m);
  }
  norm(names.final_norm, model.final_norm, model.final_beta);
  if (!c.tied) table(names.head, model.lm_head, c.vocab_size);
}

}  // namespace squat::model
