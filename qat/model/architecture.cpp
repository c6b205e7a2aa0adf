// SPDX-License-Identifier: Apache-2.0
#include "qat/model/architecture.hpp"

#include <algorithm>
#include <random>
#include <string>

#include "host/model/error.hpp"

namespace squat::qat {
namespace {

void check(const model::ModelConfig& c) {
  const auto require = [](bool ok, const std::string& what) {
    if (!ok) throw usage_error("model shape: " + what);
  };
  require(c.model_type == "llama" || c.model_type == "gpt2", "expected llama or gpt2, found '" + c.model_type + "'");
  require(c.vocab_size > 0 && c.hidden_size > 0 && c.intermediate_size > 0 && c.layers > 0 && c.max_positions > 0,
          "every dimension must be positive");
  require(c.heads > 0 && c.kv_heads > 0 && c.heads % c.kv_heads == 0, "heads must be a multiple of key-value heads");
  require(c.head_dim > 0 && c.head_dim % 2 == 0, "the head dimension must be even");
  if (c.model_type == "gpt2") {
    require(c.kv_heads == c.heads && c.heads * c.head_dim == c.hidden_size, "GPT-2 has equal heads that fill the hidden size");
    require(c.tied, "GPT-2's head is tied to its embedding");
  }
}

template <typename S>
class Builder {
 public:
  Builder(Architecture& a, const QuantConfig* quant, BasicParameterSet<S>& parameters)
      : a_(a), c_(a.config), quant_(quant), parameters_(parameters) {}

  void matrices() {
    const std::string root = a_.gpt2 ? "transformer." : "model.";
    a_.embedding = {parameters_.add(root + (a_.gpt2 ? "wte.weight" : "embed_tokens.weight"), {c_.vocab_size, c_.hidden_size},
                                    ParameterKind::kMatrix),
                    c_.vocab_size, -1, 8};
    if (a_.gpt2) {
      a_.positions = static_cast<std::ptrdiff_t>(
          parameters_.add(root + "wpe.weight", {c_.max_positions, c_.hidden_size}, ParameterKind::kMatrix));
    }
    a_.blocks.resize(static_cast<std::size_t>(c_.layers));
    for (std::size_t l = 0; l < a_.blocks.size(); ++l) {
      Block& b = a_.blocks[l];
      const std::string p = prefix(l);
      const int h = c_.hidden_size, m = c_.intermediate_size, q = c_.q_size(), kv = c_.kv_size();
      if (a_.gpt2) {
        b.qkv = linear(h, {{p + "attn.c_attn", 3 * h}});
        b.o = linear(h, {{p + "attn.c_proj", h}});
        b.expand = linear(h, {{p + "mlp.c_fc", m}});
        b.contract = linear(m, {{p + "mlp.c_proj", h}});
      } else {
        b.qkv = linear(h, {{p + "self_attn.q_proj", q}, {p + "self_attn.k_proj", kv}, {p + "self_attn.v_proj", kv}});
        b.o = linear(q, {{p + "self_attn.o_proj", h}});
        b.expand = linear(h, {{p + "mlp.gate_proj", m}, {p + "mlp.up_proj", m}});
        b.contract = linear(m, {{p + "mlp.down_proj", h}});
      }
    }
    if (c_.tied) {
      a_.head.parts = {a_.embedding};
    } else {
      a_.head.parts = {
          {parameters_.add("lm_head.weight", {c_.vocab_size, c_.hidden_size}, ParameterKind::kMatrix), c_.vocab_size, -1, 8}};
    }
    a_.head.in = c_.hidden_size;
    a_.head.out = c_.vocab_size;
    a_.head.offset = parameters_.info(a_.head.parts[0].parameter).offset;
    a_.matrix_elements = parameters_.size();
  }

  void vectors() {
    for (std::size_t l = 0; l < a_.blocks.size(); ++l) {
      Block& b = a_.blocks[l];
      const std::string p = prefix(l);
      b.attention_norm = norm(p + (a_.gpt2 ? "ln_1" : "input_layernorm"));
      b.mlp_norm = norm(p + (a_.gpt2 ? "ln_2" : "post_attention_layernorm"));
      if (!a_.gpt2) continue;
      for (Linear* x : {&b.qkv, &b.o, &b.expand, &b.contract}) {
        std::string name = parameters_.info(x->parts[0].parameter).name;
        name.replace(name.size() - 6, 6, "bias");
        x->bias = static_cast<std::ptrdiff_t>(parameters_.add(name, {x->out}, ParameterKind::kBias));
      }
    }
    a_.final_norm = norm(a_.gpt2 ? "transformer.ln_f" : "model.norm");
  }

  void scales() {
    if (quant_ == nullptr) return;
    if (quant_->tables) {
      add_scale(a_.embedding, 8);
      if (!c_.tied) add_scale(a_.head.parts[0], 8);
      if (c_.tied) a_.head.parts = {a_.embedding};
    }
    for (std::size_t l = 0; l < a_.blocks.size(); ++l) {
      Block& b = a_.blocks[l];
      for (Linear* x : {&b.qkv, &b.o, &b.expand, &b.contract}) {
        for (WeightPart& part : x->parts) add_scale(part, quant_->weight_bits);
      }
      const std::string attention = prefix(l) + (a_.gpt2 ? "attn." : "self_attn."), mlp = prefix(l) + "mlp.";
      const auto site = [&](Site s, const std::string& name) { b.site(s) = make_site(s, name, *quant_, parameters_); };
      site(Site::kIn, attention + "act_q_0_input");  // names of the published checkpoints where they have the site
      site(Site::kQ, attention + "act_q_1_q");
      site(Site::kK, attention + "act_q_2_k");
      site(Site::kV, attention + "act_q_3_v");
      site(Site::kP, attention + "act_q_4_attn");
      site(Site::kO, attention + "act_q_5_o_input");
      site(Site::kGu, mlp + "act_q_0_input_x");
      site(Site::kD, mlp + "act_q_1_after_act_fn");
    }
    a_.head_input = make_site(Site::kHeadInput, "lm_head.act_q_0_input", *quant_, parameters_);
  }

 private:
  struct Part {
    std::string name;
    int out;
  };

  std::string prefix(std::size_t l) const { return (a_.gpt2 ? "transformer.h." : "model.layers.") + std::to_string(l) + "."; }

  Linear linear(int in, const std::vector<Part>& parts) {
    Linear x;
    x.in = in;
    x.in_major = a_.gpt2;
    for (const Part& part : parts) {
      std::vector<std::int64_t> shape = {part.out, in};
      if (x.in_major) std::swap(shape[0], shape[1]);
      const std::size_t index = parameters_.add(part.name + ".weight", shape, ParameterKind::kMatrix);
      if (x.parts.empty()) x.offset = parameters_.info(index).offset;
      x.parts.push_back({index, part.out, -1, 8});
      x.out += part.out;
    }
    return x;
  }

  Norm norm(const std::string& name) {
    Norm n;
    n.gain = parameters_.add(name + ".weight", {c_.hidden_size}, ParameterKind::kNorm);
    if (a_.gpt2) {
      n.bias = static_cast<std::ptrdiff_t>(parameters_.add(name + ".bias", {c_.hidden_size}, ParameterKind::kNorm));
    }
    return n;
  }

  void add_scale(WeightPart& part, int bits) {
    std::string name = parameters_.info(part.parameter).name;
    name.replace(name.size() - 6, 6, "alpha");
    const std::size_t index = parameters_.add(name, {1}, ParameterKind::kScale);
    parameters_.set_trainable(index, quant_->learned_scales && !quant_->weights_follow);
    part.alpha = static_cast<std::ptrdiff_t>(index);
    part.bits = bits;
  }

  Architecture& a_;
  const model::ModelConfig& c_;
  const QuantConfig* quant_;
  BasicParameterSet<S>& parameters_;
};

}  // namespace

template <typename S>
Architecture build_architecture(const model::ModelConfig& config, const QuantConfig* quant, BasicParameterSet<S>& parameters) {
  check(config);
  if (quant != nullptr) check(*quant);
  Architecture a;
  a.config = config;
  a.gpt2 = config.model_type == "gpt2";
  Builder<S> builder(a, quant, parameters);
  builder.matrices();
  builder.vectors();
  builder.scales();
  return a;
}

template <typename S>
void randomise(std::uint64_t seed, BasicParameterSet<S>& parameters) {
  std::mt19937_64 random(seed);
  // The sum of 12 uniform numbers, close enough to normal: without libm the same bits everywhere.
  const auto normal = [&] {
    double sum = -6.0;
    for (int third = 0; third < 3; ++third) {
      const std::uint64_t bits = random();
      for (int part = 0; part < 4; ++part) sum += static_cast<double>((bits >> (16 * part)) & 0xffffu) / 65536.0;
    }
    return static_cast<S>(0.02 * sum);
  };
  for (std::size_t i = 0; i < parameters.count(); ++i) {
    const ParameterInfo& info = parameters.info(i);
    const bool gain =
        info.kind == ParameterKind::kNorm && info.name.size() > 6 && info.name.compare(info.name.size() - 6, 6, "weight") == 0;
    S* values = parameters.value(i);
    if (gain) std::fill_n(values, info.size, S{1});
    if (info.kind == ParameterKind::kMatrix) std::generate_n(values, info.size, normal);
  }
}

template Architecture build_architecture(const model::ModelConfig&, const QuantConfig*, BasicParameterSet<float>&);
template Architecture build_architecture(const model::ModelConfig&, const QuantConfig*, BasicParameterSet<double>&);
template void randomise(std::uint64_t, BasicParameterSet<float>&);
template void randomise(std::uint64_t, BasicParameterSet<double>&);

}  // namespace squat::qat
