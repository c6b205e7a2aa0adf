// SPDX-License-Identifier: Apache-2.0
#include "qat/quant/methods.hpp"

#include "host/model/error.hpp"

namespace squat::qat {
namespace {

constexpr ScaleStart kMse = ScaleStart::kMse, kFormula = ScaleStart::kPublished, kAbsMax = ScaleStart::kAbsMax;

constexpr Method kMethods[] = {
    // name, source, start, learned, follow, noise, clipping, decay, gamma, tau, trains
    {"squat", "arXiv 2402.10787", kMse, true, false, false, false, false, 0.5, 2.0, true},
    // Step sizes from 2 mean|x| / sqrt(Qp), learned with the factor 1 / sqrt(N Qp); cross entropy.
    {"lsq", "arXiv 1902.08153", kFormula, true, false, false, false, false, 0.0, 1.0, true},
    // Range of the largest magnitude without clipping, nothing learned; the teacher's probabilities are the only target.
    {"llm-qat", "arXiv 2305.17888", kAbsMax, false, true, false, false, false, 1.0, 1.0, true},
    // Clipping values of activations learned and decayed; weights cover their largest value, as DoReFa's (arXiv 1606.06160)
    // do for weights small enough that tanh is the identity.
    {"pact", "arXiv 1805.06085", kAbsMax, true, true, false, true, true, 0.0, 1.0, true},
    // Noise instead of rounding while it trains, truncation learned for weights and activations.
    {"nipq", "arXiv 2206.00820", kMse, true, false, true, false, false, 0.0, 1.0, true},
    {"ptq", "least squared rounding error, no training", kMse, false, false, false, false, false, 0.0, 1.0, false},
};

}  // namespace

const Method& find_method(const std::string& name) {
  for (const Method& m : kMethods) {
    if (name == m.name) return m;
  }
  throw usage_error("method '" + name + "': expected squat, lsq, llm-qat, pact, nipq or ptq");
}

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const Method& m : kMethods) names.emplace_back(m.name);
  return names;
}

void apply_method(const Method& m, QuantConfig& c) {
  c.start = m.start;
  c.learned_scales = m.learned_scales;
  c.weights_follow = m.weights_follow;
  c.noise = m.noise;
  c.clipping_gradient = m.clipping_gradient;
  c.decaying_scales = m.decaying_scales;
}

}  // namespace squat::qat
