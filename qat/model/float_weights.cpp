// SPDX-License-Identifier: Apache-2.0
#include "qat/model/float_weights.hpp"

#include <algorithm>
#include <string>

#include "host/model/error.hpp"

namespace squat::qat {
namespace {

using model::FloatMatrix;
using model::FloatModel;

/// Visits every weight with its place among the parameters. Visitor: vector(name, values), and
/// matrix(name, matrix, first output, outputs of the parameter, inputs first).
template <typename Model, typename Visitor>
void for_each_weight(Model& m, Visitor& visit) {
  const model::ModelConfig& c = m.config;
  const int h = c.hidden_size, f = c.intermediate_size, q = c.q_size(), kv = c.kv_size();
  const bool gpt2 = c.model_type == "gpt2";
  const std::string root = gpt2 ? "transformer." : "model.";
  visit.matrix(root + (gpt2 ? "wte" : "embed_tokens"), m.embedding, 0, c.vocab_size, false);
  if (gpt2) visit.matrix(root + "wpe", m.positions, 0, c.max_positions, false);
  for (std::size_t i = 0; i < m.layers.size(); ++i) {
    auto& l = m.layers[i];
    const std::string p = root + (gpt2 ? "h." : "layers.") + std::to_string(i) + ".";
    visit.vector(p + (gpt2 ? "ln_1.weight" : "input_layernorm.weight"), l.input_norm);
    visit.vector(p + (gpt2 ? "ln_2.weight" : "post_attention_layernorm.weight"), l.mlp_norm);
    if (gpt2) {
      visit.vector(p + "ln_1.bias", l.input_beta);
      visit.vector(p + "ln_2.bias", l.mlp_beta);
      visit.matrix(p + "attn.c_attn", l.q, 0, 3 * h, true);
      visit.matrix(p + "attn.c_attn", l.k, h, 3 * h, true);
      visit.matrix(p + "attn.c_attn", l.v, 2 * h, 3 * h, true);
      visit.matrix(p + "attn.c_proj", l.o, 0, h, true);
      visit.matrix(p + "mlp.c_fc", l.up, 0, f, true);
      visit.matrix(p + "mlp.c_proj", l.down, 0, h, true);
    } else {
      visit.matrix(p + "self_attn.q_proj", l.q, 0, q, false);
      visit.matrix(p + "self_attn.k_proj", l.k, 0, kv, false);
      visit.matrix(p + "self_attn.v_proj", l.v, 0, kv, false);
      visit.matrix(p + "self_attn.o_proj", l.o, 0, h, false);
      visit.matrix(p + "mlp.gate_proj", l.gate, 0, f, false);
      visit.matrix(p + "mlp.up_proj", l.up, 0, f, false);
      visit.matrix(p + "mlp.down_proj", l.down, 0, h, false);
    }
  }
  visit.vector(root + (gpt2 ? "ln_f.weight" : "norm.weight"), m.final_norm);
  if (gpt2) visit.vector(root + "ln_f.bias", m.final_beta);
  if (!c.tied) visit.matrix("lm_head", m.lm_head, 0, c.vocab_size, false);
}

std::size_t index_of(const ParameterSet& parameters, const std::string& name) {
  const std::ptrdiff_t index = parameters.find(name);
  if (index < 0) throw usage_error(name + ": the model has no such weights");
  return static_cast<std::size_t>(index);
}

/// Calls copy(place in the matrix, place in the parameter) for every element.
template <typename Copy>
void for_each_element(int rows, int cols, int first, int outputs, bool inputs_first, const Copy& copy) {
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(cols); ++c) {
      const std::size_t out = r + static_cast<std::size_t>(first);
      copy(r * static_cast<std::size_t>(cols) + c,
           inputs_first ? c * static_cast<std::size_t>(outputs) + out : out * static_cast<std::size_t>(cols) + c);
    }
  }
}

struct Setter {
  ParameterSet& to;

  float* place(const std::string& name, std::size_t size) {
    const std::size_t index = index_of(to, name);
    if (to.info(index).size != size) throw usage_error(name + ": the weights do not have the model's shape");
    return to.value(index);
  }
  void vector(const std::string& name, const std::vector<float>& values) {
    std::copy(values.begin(), values.end(), place(name, values.size()));
  }
  void matrix(const std::string& name, const FloatMatrix& m, int first, int outputs, bool inputs_first) {
    float* out = place(name + ".weight", static_cast<std::size_t>(outputs) * static_cast<std::size_t>(m.cols));
    for_each_element(m.rows, m.cols, first, outputs, inputs_first,
                     [&](std::size_t here, std::size_t there) { out[there] = m.w[here]; });
    if (m.bias.empty()) return;
    std::copy(m.bias.begin(), m.bias.end(), place(name + ".bias", static_cast<std::size_t>(outputs)) + first);
  }
};

struct Getter {
  const ParameterSet& from;

  void vector(const std::string& name, std::vector<float>& values) {
    const std::size_t index = index_of(from, name);
    values.assign(from.value(index), from.value(index) + from.info(index).size);
  }
  void matrix(const std::string& name, FloatMatrix& m, int first, int outputs, bool inputs_first) {
    const float* in = from.value(index_of(from, name + ".weight"));
    m.w.resize(static_cast<std::size_t>(m.rows) * static_cast<std::size_t>(m.cols));
    for_each_element(m.rows, m.cols, first, outputs, inputs_first,
                     [&](std::size_t here, std::size_t there) { m.w[here] = in[there]; });
    const std::ptrdiff_t bias = from.find(name + ".bias");
    if (bias < 0) return;
    const float* values = from.value(static_cast<std::size_t>(bias)) + first;
    m.bias.assign(values, values + m.rows);
  }
};

}  // namespace

void set_weights(const FloatModel& from, ParameterSet& to) {
  Setter setter{to};
  for_each_weight(from, setter);
}

FloatModel get_weights(const model::ModelConfig& config, const ParameterSet& from) {
  FloatModel out;
  out.config = config;
  model::set_shapes(out);
  if (config.model_type == "gpt2") {
    out.positions.rows = config.max_positions;
    out.positions.cols = config.hidden_size;
  }
  Getter getter{from};
  for_each_weight(out, getter);
  return out;
}

}  // namespace squat::qat
