// SPDX-License-Identifier: Apache-2.0
// Queries and keys head by head (Squat, arXiv 2402.10787, Fig. 2): are they normal, and what does rounding leave of them?
#pragma once

#include <vector>

#include "host/analyze/perplexities.hpp"
#include "host/analyze/statistics.hpp"

namespace squat::analyze {

/// One head's queries or keys after rotation. "Before" is the floating-point pass. "After" are the rounded values of the
/// fake-quantised pass, which carry the errors of everything before them.
struct HeadStatistics {
  int layer = 0;
  bool key = false;
  int head = 0;
  double step = 0;  ///< of the 8-bit grid: the grid of all three entropies before rounding
  Moments before, after;
  NormalFit fit;              ///< of at most 5000 of the values before, evenly spaced
  double entropy_before = 0;  ///< bits, on the 8-bit grid without its ends
  double entropy_after = 0;   ///< bits, of the codes
  double entropy_normal = 0;  ///< bits on the 8-bit grid that normal values of the same variance would have
  double squared_error = 0;   ///< mean, of rounding the values before to the grid that `after` uses
  double relative_error() const { return before.variance > 0 ? squared_error / before.variance : 0; }
};

/// A histogram of all heads of a layer, values over the standard deviation before rounding.
struct LayerHistogram {
  int layer = 0;
  bool key = false;
  std::vector<double> before, after;  ///< shares per bin; the outermost bins hold what lies beyond
};
constexpr int kHistogramBins = 41;
constexpr double kHistogramReach = 5.125;  ///< standard deviations: bins of 0.25 centred on 0, +-0.25, ..

struct HeadStudy {
  std::vector<HeadStatistics> heads;  ///< per layer: queries, then keys
  std::vector<LayerHistogram> histograms;
};

/// `fake` has uniform activations of 8 or 4 bits.
HeadStudy study_heads(const model::FloatModel& model, const reference::FakeQuant& fake, const StudyText& text);

}  // namespace squat::analyze
