// SPDX-License-Identifier: Apache-2.0
// The three ways to weigh and form the losses.
#pragma once

#include <string>

#include "qat/loss/loss_options.hpp"

namespace squat::qat {

// clang-format off
/// "corrected" (default), "paper" or "published". Throws usage_error for other names.
///
/// | line               | corrected               | paper (arXiv 2402.10787)      | published (squant@c6b1d74)           |
/// |--------------------|-------------------------|-------------------------------|--------------------------------------|
/// | share of KL, gamma | 0.5                     | 0.5 (eq. 15)                  | 0.5 ("alpha" on CE)                  |
/// | temperature, tau   | 2                       | 2                             | 2                                    |
/// | KL divided by      | sequences * length      | sequences * length            | sequences: KL is length times larger |
/// | several teachers   | mean of logits          | one teacher                   | mean of logits                       |
/// | L_E form           | log(1 + var q var k)    | log(1 + var q var k) (eq. 12) | log(1 + var q) + log(1 + var k)      |
/// | L_E variance over  | batch, time, dim, / n   | batch, time, dim, / n         | dim of each token, / (n - 1)         |
/// | L_E weight         | 0: it raised perplexity | 0.5                           | 0.5                                  |
/// | L_D form           | -log(mean cos)          | +log(sum cos), as printed     | +log(sum cos)                        |
/// | L_D maps           | causal softmax          | causal softmax                | scaled q.k before mask and softmax   |
/// | L_D weight         | 0: no gain measured     | 1                             | 1                                    |
// clang-format on
LossOptions loss_preset(const std::string& name);

}  // namespace squat::qat
