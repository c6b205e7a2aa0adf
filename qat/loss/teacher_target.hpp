// SPDX-License-Identifier: Apache-2.0
// The softened distribution that the student is distilled towards.
#pragma once

#include <vector>

#include "qat/loss/loss_options.hpp"

namespace squat::qat {

/// Mixes one row of logits of every teacher into p (vocab) and returns sum p log p. weights sum to 1.
/// scratch: at least vocab elements, unused with one teacher.
template <typename S>
double teacher_target(const std::vector<const S*>& rows, const std::vector<double>& weights, int vocab, double tau,
                      TeacherMix mix, S* scratch, S* p);

}  // namespace squat::qat
