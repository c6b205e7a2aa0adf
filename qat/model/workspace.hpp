// SPDX-License-Identifier: Apache-2.0
// The activations of a batch, each stored once. N = sequences * length rows; rows of a sequence lie together.
#pragma once

#include <cstdint>
#include <vector>

#include "qat/loss/distribution.hpp"
#include "qat/loss/entropy.hpp"
#include "qat/model/architecture.hpp"

namespace squat::qat {

/// Elements before a row of a (rows, width) matrix.
inline std::size_t at(std::size_t row, int width) { return row * static_cast<std::size_t>(width); }

/// Memory for at least `size` elements, kept from call to call.
template <typename S>
S* grown(std::vector<S>& v, std::size_t size) {
  if (v.size() < size) v.resize(size);
  return v.data();
}

/// One layer on its way forward; on its way back most buffers turn into what the weight gradients need:
/// the inputs of linear layers into their rounded values, the outputs into their gradients.
template <typename S>
struct LayerStore {
  std::vector<S> attention_in;           ///< (N, hidden) input of q, k, v before rounding; then rounded
  std::vector<S> qkv;                    ///< (N, q + 2 kv) after rotation, before rounding; then its gradient before rotation
  std::vector<S> probabilities;          ///< (B, heads, T, T) causal softmax maps before rounding
  std::vector<S> o_in;                   ///< (N, q) input of o before rounding; then rounded
  std::vector<S> middle;                 ///< (N, hidden) residual between attention and MLP
  std::vector<S> mlp_in;                 ///< (N, hidden) before rounding; then rounded
  std::vector<S> expanded;               ///< (N, 2 intermediate) gate and up, or (N, intermediate); then its gradient
  std::vector<S> contract_in;            ///< (N, intermediate) before rounding; then rounded
  std::vector<S> grad_o, grad_contract;  ///< (N, hidden) gradients of the outputs of o and contract
  std::vector<S> mean1, inverse1, mean2, inverse2;  ///< (N) of the norms
  std::vector<std::uint8_t> widths;                 ///< (N) 1 = 8 bit
};

template <typename S>
struct Workspace {
  int sequences = 0, length = 0;
  bool for_gradients = false;
  std::vector<std::vector<S>> residual;  ///< per layer (N, hidden) its input; one more behind the last layer
  std::vector<LayerStore<S>> layers;     ///< only one when no gradients are wanted
  std::vector<S> head_in;                ///< (N, hidden) before rounding; then rounded
  std::vector<S> head_mean, head_inverse;
  std::vector<S> logits;         ///< (N, vocab); then its gradient
  std::vector<S> grad_residual;  ///< (N, hidden) gradient of the embedded tokens

  LayerStore<S>& layer(int l) { return layers[for_gradients ? static_cast<std::size_t>(l) : 0]; }
  std::vector<S>& input(int l) { return residual[for_gradients ? static_cast<std::size_t>(l) : 0]; }

  /// Sizes everything; keeps memory from call to call.
  void resize(const Architecture& a, int batch, int tokens, bool gradients) {
    sequences = batch;
    length = tokens;
    for_gradients = gradients;
    const auto& c = a.config;
    const auto n = static_cast<std::size_t>(batch) * static_cast<std::size_t>(tokens);
    const auto size = [&](std::vector<S>& v, int width) { v.resize(n * static_cast<std::size_t>(width)); };
    const auto depth = static_cast<std::size_t>(gradients ? c.layers : 1);
    layers.resize(depth);
    residual.resize(gradients ? depth + 1 : 1);
    for (auto& r : residual) size(r, c.hidden_size);
    for (LayerStore<S>& l : layers) {
      size(l.attention_in, c.hidden_size);
      size(l.qkv, a.qkv_width());
      l.probabilities.resize(n * static_cast<std::size_t>(c.heads) * static_cast<std::size_t>(tokens));
      size(l.o_in, c.q_size());
      size(l.middle, c.hidden_size);
      size(l.mlp_in, c.hidden_size);
      size(l.expanded, a.gpt2 ? c.intermediate_size : 2 * c.intermediate_size);
      size(l.contract_in, c.intermediate_size);
      for (auto* v : {&l.mean1, &l.inverse1, &l.mean2, &l.inverse2}) size(*v, 1);
      l.widths.resize(n);
      if (!gradients) continue;
      size(l.grad_o, c.hidden_size);
      size(l.grad_contract, c.hidden_size);
    }
    size(head_in, c.hidden_size);
    size(head_mean, 1);
    size(head_inverse, 1);
    size(logits, c.vocab_size);
    if (gradients) size(grad_residual, c.hidden_size);
  }
};

/// What one sequence adds up; reduced in their order, so that neither threads nor the division into tasks matter.
template <typename S>
struct SequenceSums {
  std::vector<S> vectors;                 ///< gradients of norms and biases: the flat buffer behind the matrices
  std::vector<SiteSums> sites;            ///< per layer and site, the head's input last
  std::vector<HeadMoments> q, k;          ///< per (layer, query head), when the entropy loss is on
  double ce = 0, kl = 0;                  ///< sums over rows
  std::int64_t eight = 0, decisions = 0;  ///< 8-bit tokens over layers
};

}  // namespace squat::qat
