// SPDX-License-Identifier: Apache-2.0
// Does higher entropy of queries and keys go with smaller quantisation errors, head by head?
#pragma once

#include <string>
#include <vector>

#include "host/analyze/attention_maps.hpp"
#include "host/analyze/heads.hpp"

namespace squat::analyze {

struct Relation {
  std::string x, y;
  Correlation correlation;
};

/// `heads` of a rounding, `maps` of one that rounds queries and keys alone. The entropy of queries and keys is that of a normal
/// distribution, log2(2 pi e variance) / 2, as in the paper; the entropy term of a head is log(1 + var(q) var(k)), what its
/// entropy loss sums (eq. 12), with the head's own key head.
std::vector<Relation> entropy_relations(const model::ModelConfig& config, const std::vector<HeadStatistics>& heads,
                                        const std::vector<MapComparison>& maps);

}  // namespace squat::analyze
