// SPDX-License-Identifier: Apache-2.0
// Rounding to the deployment's grids in floating point: what the integer model computes, without its integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "host/model/integer_model.hpp"
#include "host/model/quant_scales.hpp"
#include "host/reference_float/site.hpp"

namespace squat::reference {

/// The weights by what shares a bit of RoundedParts.
enum class Matrices { kQ, kK, kV, kO, kGate, kUp, kDown, kTables };  ///< kTables: embedding, positions, head

/// Which parts of a model are rounded, for studies; all of them as on the device.
struct RoundedParts {
  std::uint32_t sites = ~0U;     ///< bit of a Site: 1 << value, the first nine
  std::uint32_t matrices = ~0U;  ///< bit of Matrices: 1 << value
  bool has(Site site) const { return (sites >> static_cast<unsigned>(site) & 1U) != 0; }
  bool has(Matrices m) const { return (matrices >> static_cast<unsigned>(m) & 1U) != 0; }
};

/// Widths of one pass from another source than the rule: probabilities (heads, tokens, tokens) of the layer -> (tokens), 1 = 8
/// bit.
using WidthChooser = std::function<std::vector<std::uint8_t>(int layer, const std::vector<float>& probabilities, int tokens)>;

/// What to round to. Token widths follow the policy as on the device.
struct FakeQuant {
  model::QuantScales scales;
  int weight_bits = 8;  ///< 4 or 8
  model::WidthPolicy widths;
  RoundedParts parts{};
  /// 2..8, of all tokens when widths.activations is k8: codes -2^(bits-1) .. 2^(bits-1) - 1 with 2^(8 - bits) times the scale
  /// given. A study of widths that no device has.
  int activation_bits = 8;
  WidthChooser chooser{};  ///< decides the widths of mixed models in place of the rule
};

/// x = scale * clamp(round(x / scale), lo, hi), halves to even.
void round_to_grid(float* x, std::size_t count, double scale, int lo, int hi);

/// The codes of round_to_grid; lo and hi fit int8.
void grid_codes(const float* x, std::size_t count, double scale, int lo, int hi, std::int8_t* codes);

/// Rounds each row of x (rows, cols) to 8 bits (scale, codes lowest8..127) or to 4 bits (8 * scale, codes -8..7) as eight[row]
/// says. lowest8 is -128, or hls::kAttentionMin for queries, keys and values.
void round_rows(float* x, int rows, int cols, double scale, int lowest8, const std::vector<std::uint8_t>& eight);

/// Widths of all tokens of a pass that starts at position 0, from scores as in hls/token_control.hpp.
/// More than hls::kMaxChunk tokens are decided chunk by chunk.
std::vector<std::uint8_t> token_widths(const model::WidthPolicy& policy, int layer, const std::vector<std::uint32_t>& scores);

}  // namespace squat::reference
