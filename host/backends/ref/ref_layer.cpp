// SPDX-License-Identifier: Apache-2.0
#include "host/backends/ref/ref_layer.hpp"

#include "hls/gated.hpp"
#include "hls/layer_norm.hpp"
#include "hls/mkmp.hpp"
#include "hls/requantize.hpp"
#include "hls/rms_norm.hpp"
#include "hls/rope.hpp"

namespace squat::backends::ref {

Codes norm(const model::IntegerModel& m, const model::IntNorm& norm, const Wide& residual, const Widths& widths) {
  const std::size_t hidden = static_cast<std::size_t>(m.config.hidden_size);
  Codes out(residual.size());
  for (std::size_t t = 0; t < widths.size(); ++t) {
    const std::int32_t* x = residual.data() + t * hidden;
    std::int8_t* code = out.data() + t * hidden;
    const bool eight = widths[t] != 0;
    if (m.config.gpt2()) {
      hls::layer_norm(x, m.config.hidden_size, norm.gain.data(), norm.beta.data(), {m.mean, m.norm_eps, norm.shift}, eight,
                      code);
    } else {
      hls::rms_norm(x, m.config.hidden_size, norm.gain.data(), {m.norm_eps, norm.shift}, eight, code);
    }
  }
  return out;
}

Wide linear(const model::IntMatrix& w, const Codes& codes, const Widths& widths) {
  Wide out(widths.size() * static_cast<std::size_t>(w.rows));
  hls::mkmp_gemm(w.codes.data(), w.rows, w.cols, w.bits == 4, codes.data(), static_cast<int>(widths.size()), widths.data(),
                 out.data());
  for (std::size_t i = 0; i < out.size() && !w.bias.empty(); ++i) out[i] += w.bias[i % w.bias.size()];
  return out;
}

Codes rope(const model::IntegerModel& m, const Wide& acc, int heads, hls::Requant r, int first, const Widths& widths) {
  const std::size_t half = static_cast<std::size_t>(m.config.head_dim) / 2;
  Codes out(acc.size());
  std::size_t at = 0;  // first element of the head
  for (std::size_t t = 0; t < widths.size(); ++t) {
    for (int h = 0; h < heads; ++h, at += 2 * half) {
      for (std::size_t i = 0; i < half; ++i) {
        const std::int32_t p1 = hls::requantize(acc[at + i], r, -32768, 32767);
        const std::int32_t p2 = hls::requantize(acc[at + i + half], r, -32768, 32767);
        const hls::SinCos cs =
            hls::rope_sincos(static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(t), m.rope_step[i]);
        hls::rope_pair(p1, p2, cs, widths[t] != 0, out[at + i], out[at + i + half]);
      }
    }
  }
  return out;
}

Codes values(const Wide& acc, hls::Requant r, const Widths& widths) {
  const std::size_t columns = acc.size() / widths.size();
  Codes out(acc.size());
  for (std::size_t i = 0; i < acc.size(); ++i) out[i] = hls::requantize_attention_code(acc[i], r, widths[i / columns] != 0);
  return out;
}

void add_to_residual(Wide& residual, const Wide& acc, hls::Requant r) {
  for (std::size_t i = 0; i < residual.size(); ++i) residual[i] = hls::add_residual(residual[i], acc[i], r);
}

Codes gated(const model::IntLayer& layer, const Wide& gate, const Wide& up, const Widths& widths) {
  const std::size_t columns = gate.size() / widths.size();
  Codes out(gate.size());
  for (std::size_t i = 0; i < gate.size(); ++i) {
    const std::int32_t g = hls::requantize(gate[i], layer.gate_fixed, hls::kGateMin, hls::kGateMax);
    const std::int32_t u = hls::requantize(up[i], layer.up_fixed, hls::kGateMin, hls::kGateMax);
    out[i] = hls::silu_mul(g, u, layer.gate_up_frac, layer.down_in, widths[i / columns] != 0);
  }
  return out;
}

Codes ungated(const model::IntLayer& layer, const Wide& up, const Widths& widths) {
  const std::size_t columns = up.size() / widths.size();
  Codes out(up.size());
  for (std::size_t i = 0; i < up.size(); ++i) {
    const std::int32_t u = hls::requantize(up[i], layer.up_fixed, hls::kGateMin, hls::kGateMax);
    out[i] = hls::gelu_code(u, layer.gate_up_frac, layer.down_in, widths[i / columns] != 0);
  }
  return out;
}

}  // namespace squat::backends::ref
