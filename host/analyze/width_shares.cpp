// SPDX-License-Identifier: Apache-2.0
#include "host/analyze/width_shares.hpp"

#include <numeric>

namespace squat::analyze {

std::vector<WidthShare> width_shares(const model::FloatModel& model, const reference::FakeQuant& fake, const StudyText& text,
                                     int parts) {
  reference::FloatReference reference(model, fake);
  const auto count = static_cast<std::size_t>(parts);
  std::vector<WidthShare> rows;
  for (int l = 0; l < model.config.layers; ++l) rows.push_back({l, 0.0, std::vector<double>(count, 0.0)});
  std::vector<double> tokens(count, 0.0);
  for (int w = 0; w < text.windows(); ++w) {
    reference.forward(text.start(w), text.window);
    for (int t = 0; t < text.window; ++t) {
      const std::size_t part = static_cast<std::size_t>(t) * count / static_cast<std::size_t>(text.window);
      tokens[part] += 1;
      for (WidthShare& row : rows) row.by_position[part] += reference.widths(row.layer)[static_cast<std::size_t>(t)];
    }
  }
  const double all = std::accumulate(tokens.begin(), tokens.end(), 0.0);
  for (WidthShare& row : rows) {
    row.share = std::accumulate(row.by_position.begin(), row.by_position.end(), 0.0) / all;
    for (std::size_t p = 0; p < count; ++p) row.by_position[p] /= tokens[p];
  }
  return rows;
}

}  // namespace squat::analyze
