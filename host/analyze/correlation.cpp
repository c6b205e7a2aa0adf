// SPDX-License-Identifier: Apache-2.0
#include "host/analyze/correlation.hpp"

#include <cmath>

namespace squat::analyze {

std::vector<Relation> entropy_relations(const model::ModelConfig& config, const std::vector<HeadStatistics>& heads,
                                        const std::vector<MapComparison>& maps) {
  const auto layers = static_cast<std::size_t>(config.layers);
  std::vector<std::vector<double>> variance[2] = {std::vector<std::vector<double>>(layers),
                                                  std::vector<std::vector<double>>(layers)};
  std::vector<double> entropy[2], relative[2], absolute[2];
  for (const HeadStatistics& h : heads) {
    const std::size_t kind = h.key ? 1 : 0;
    variance[kind][static_cast<std::size_t>(h.layer)].push_back(h.before.variance);
    entropy[kind].push_back(normal_entropy(h.before.variance, 1.0));
    relative[kind].push_back(h.relative_error());
    absolute[kind].push_back(h.squared_error);
  }
  std::vector<double> term, distance, cosine;
  for (const MapComparison& m : maps) {
    const auto layer = static_cast<std::size_t>(m.layer);
    const int key = m.head / (config.heads / config.kv_heads);
    term.push_back(
        std::log1p(variance[0][layer][static_cast<std::size_t>(m.head)] * variance[1][layer][static_cast<std::size_t>(key)]));
    distance.push_back(m.distance);
    cosine.push_back(1 - m.cosine);
  }
  return {{"entropy of queries", "relative squared error of queries", correlation(entropy[0], relative[0])},
          {"entropy of keys", "relative squared error of keys", correlation(entropy[1], relative[1])},
          {"entropy of queries", "squared error of queries", correlation(entropy[0], absolute[0])},
          {"entropy of keys", "squared error of keys", correlation(entropy[1], absolute[1])},
          {"entropy term", "distance of attention maps", correlation(term, distance)},
          {"entropy term", "1 - cosine of attention maps", correlation(term, cosine)}};
}

}  // namespace squat::analyze
