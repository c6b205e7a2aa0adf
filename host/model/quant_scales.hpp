// SPDX-License-Identifier: Apache-2.0
// The scales that turn a float model into an integer one: found by calibration or learned in training.
#pragma once

#include <vector>

namespace squat::model {

/// Activation scales are those of the 8-bit grid (real = code * scale, code -128..127). A 4-bit code c stands for c * 8 on
/// the same grid, so its scale is 8 times the one given here. Weight scales are those of the model's weight bits.
struct LayerScales {
  double in = 0;                                                         ///< input of the q, k and v projections
  double q = 0;                                                          ///< queries after rotation
  double k = 0;                                                          ///< keys after rotation
  double v = 0;                                                          ///< values
  double o = 0;                                                          ///< input of the o projection
  double gu = 0;                                                         ///< input of the gate and up projections
  double d = 0;                                                          ///< input of the down projection
  double wq = 0, wk = 0, wv = 0, wo = 0, wgate = 0, wup = 0, wdown = 0;  ///< GPT-2: no gate
  int gate_up_frac = 9;  ///< 6..9: gate and up (GPT-2: c_fc's results) are 14-bit integers with this many fraction bits
};

/// Attention probabilities need no entry: their scale is 2^-8 everywhere.
struct QuantScales {
  std::vector<LayerScales> layers;
  double head_input = 0;  ///< input of lm_head, always 8 bit
  double embedding = 0;   ///< 8-bit table
  double positions = 0;   ///< GPT-2: 8-bit table
  double lm_head = 0;     ///< 8-bit table; equals embedding when tied
};

}  // namespace squat::model
