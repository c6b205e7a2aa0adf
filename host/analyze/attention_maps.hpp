// SPDX-License-Identifier: Apache-2.0
// Attention maps in floating point and fake-quantised (Squat, arXiv 2402.10787, Fig. 3): does the first column fade?
#pragma once

#include <optional>
#include <vector>

#include "host/analyze/perplexities.hpp"

namespace squat::analyze {

/// One head, over all windows. Maps are causal softmax maps before their own rounding.
struct MapComparison {
  int layer = 0, head = 0;
  double first_column = 0, first_column_rounded = 0;  ///< mean probability of token 0 over the queries behind it
  double cosine = 0;    ///< of the whole maps, mean over windows (what the distribution loss sees)
  double distance = 0;  ///< total variation, 0..1: half the summed differences of a row, mean
};

/// The first window's map of a layer, mean over heads, (tokens, tokens) row by row.
struct LayerMap {
  int layer = 0;
  int tokens = 0;
  std::vector<double> real, rounded;
};

struct MapStudy {
  std::vector<MapComparison> heads;
  std::vector<LayerMap> maps;  ///< of the first `map_tokens` tokens; none for 0
};

MapStudy study_maps(const model::FloatModel& model, const reference::FakeQuant& fake, const StudyText& text, int map_tokens);

/// Per layer the maps (heads, tokens, tokens) of one pass, 0 above the diagonal.
std::vector<std::vector<float>> attention_maps(reference::FloatReference& reference, const int* ids, int tokens);

}  // namespace squat::analyze
