// SPDX-License-Identifier: Apache-2.0
#include "qat/model/factory.hpp"

#include <string>

#include "host/model/error.hpp"
#include "qat/model/decoder.hpp"
#include "qat/model/float_weights.hpp"
#include "qat/quant/loaded_scales.hpp"
#include "qat/quant/scale_start.hpp"

namespace squat::qat {
namespace {

double scale_of(const ParameterSet& parameters, std::ptrdiff_t index, const std::string& what) {
  if (index < 0) throw usage_error(what + ": the model does not round it; export needs every site and table rounded");
  return static_cast<double>(*parameters.value(static_cast<std::size_t>(index)));
}

/// Scales that follow their weights are as old as the last forward pass, the weights may be newer.
double weight_scale(const ParameterSet& parameters, const WeightPart& part, const QuantConfig& quant, const std::string& what) {
  const double scale = scale_of(parameters, part.alpha, what);
  const ParameterInfo& info = parameters.info(part.parameter);
  const int half = 1 << (part.bits - 1);
  return quant.weights_follow
             ? start_scale(ScaleStart::kAbsMax, parameters.value(part.parameter), info.size, 1 - half, half - 1)
             : scale;
}

/// The step of the 8-bit grid. Uniform 4-bit models keep it in alpha when scales are tied, else it is an eighth of their step.
double site_scale(const ParameterSet& parameters, const SiteState& site, const QuantConfig& quant, const std::string& what) {
  const double scale = scale_of(parameters, site.alpha, what);
  return quant.widths.activations == model::Activations::k4 && !quant.tied_scales ? scale / 8 : scale;
}

}  // namespace

template <typename S>
std::unique_ptr<BasicLanguageModel<S>> make_model(const model::ModelConfig& config, std::uint64_t seed,
                                                  const QuantConfig* quant) {
  auto made = std::make_unique<Decoder<S>>(config, quant);
  randomise(seed, made->parameters());
  return made;
}
template std::unique_ptr<BasicLanguageModel<float>> make_model(const model::ModelConfig&, std::uint64_t, const QuantConfig*);
template std::unique_ptr<BasicLanguageModel<double>> make_model(const model::ModelConfig&, std::uint64_t, const QuantConfig*);

std::unique_ptr<LanguageModel> make_model(const model::FloatModel& weights, const QuantConfig* quant,
                                          std::vector<std::string>* notes) {
  auto made = std::make_unique<Decoder<float>>(weights.config, quant);
  set_weights(weights, made->parameters());
  if (quant == nullptr || weights.quantiser_scalars.empty()) return made;
  LoadedScales loaded = take_scales(weights.quantiser_scalars, *quant, made->architecture(), made->parameters());
  made->preset_scales(std::move(loaded.values));
  if (notes != nullptr) notes->insert(notes->end(), loaded.notes.begin(), loaded.notes.end());
  return made;
}

model::FloatModel to_float_model(const LanguageModel& trained) { return get_weights(trained.config(), trained.parameters()); }

model::QuantScales to_quant_scales(const LanguageModel& trained, const std::vector<float>& largest_gate_up) {
  const auto* decoder = dynamic_cast<const Decoder<float>*>(&trained);
  if (decoder == nullptr || !decoder->quant()) throw usage_error("export of scales: expected a quantised model");
  const QuantConfig& quant = *decoder->quant();
  if (quant.zero_point || !quant.probability_fixed || quant.probability_bits != 8 ||
      (quant.widths.activations == model::Activations::kMixed && !quant.tied_scales)) {
    throw usage_error("export of scales: integer devices have no zero points, probabilities in 2^-8 and tied scales");
  }
  const ParameterSet& parameters = trained.parameters();
  const Architecture& a = decoder->architecture();
  model::QuantScales out;
  out.head_input = scale_of(parameters, a.head_input.alpha, "head input");
  out.embedding = weight_scale(parameters, a.embedding, quant, "embedding");
  out.lm_head = weight_scale(parameters, a.head.parts[0], quant, "head");
  if (a.gpt2) {  // training does not round the positions: their grid is fitted to what they have become
    const auto index = static_cast<std::size_t>(a.positions);
    out.positions = start_scale(ScaleStart::kMse, parameters.value(index), parameters.info(index).size, -127, 127);
  }
  for (std::size_t l = 0; l < a.blocks.size(); ++l) {
    const Block& b = a.blocks[l];
    model::LayerScales s;
    const std::pair<Site, double*> sites[] = {{Site::kIn, &s.in}, {Site::kQ, &s.q},   {Site::kK, &s.k}, {Site::kV, &s.v},
                                              {Site::kO, &s.o},   {Site::kGu, &s.gu}, {Site::kD, &s.d}};
    for (const auto& [site, scale] : sites) {
      *scale = site_scale(parameters, b.site(site), quant, "layer " + std::to_string(l) + " " + reference::site_name(site));
    }
    const auto weight = [&](const Linear& x, std::size_t part) {
      return weight_scale(parameters, x.parts[part], quant, "weights");
    };
    // GPT-2: one matrix c_attn, whose scale all three inherit, and no gate.
    s.wq = weight(b.qkv, 0);
    s.wk = weight(b.qkv, a.gpt2 ? 0 : 1);
    s.wv = weight(b.qkv, a.gpt2 ? 0 : 2);
    s.wo = weight(b.o, 0);
    if (!a.gpt2) s.wgate = weight(b.expand, 0);
    s.wup = weight(b.expand, a.gpt2 ? 0 : 1);
    s.wdown = weight(b.contract, 0);
    // 14 bits, with a quarter in reserve for unseen text, as in host/quantize/calibrate.cpp.
    for (s.gate_up_frac = 9; s.gate_up_frac > 6 && l < largest_gate_up.size(); --s.gate_up_frac) {
      if (1.25 * static_cast<double>(largest_gate_up[l]) * (1 << s.gate_up_frac) <= 8191.0) break;
    }
    out.layers.push_back(s);
  }
  return out;
}

}  // namespace squat::qat
