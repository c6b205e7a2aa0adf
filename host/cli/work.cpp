// SPDX-License-Identifier: Apache-2.0
#include "host/cli/work.hpp"

namespace squat::cli {
namespace {

double size(const model::IntMatrix& matrix) { return static_cast<double>(matrix.rows) * matrix.cols; }

}  // namespace

Work work_of_pass(const model::IntegerModel& m, int first_position, int tokens,
                  const std::vector<std::uint32_t>& eight_tokens) {
  const bool packs4 = m.weight_bits == 4;
  Work work;
  const auto linear = [&](const model::IntMatrix& matrix, double eight) {
    work.bytes += size(matrix) * matrix.bits / 8.0;
    const double four = packs4 ? tokens - eight : 0.0;
    work.macs8 += size(matrix) * (tokens - four);
    work.macs4 += size(matrix) * four;
  };
  // Queries, keys and values read the layer's input, whose widths are those of the layer before.
  double input_eight = m.widths.activations == model::Activations::k4 ? 0.0 : tokens;
  const double keys = static_cast<double>(tokens) * first_position + tokens * (tokens + 1.0) / 2.0;
  for (std::size_t l = 0; l < m.layers.size(); ++l) {
    const model::IntLayer& layer = m.layers[l];
    const double own_eight = eight_tokens[l];
    for (const model::IntMatrix* matrix : {&layer.q, &layer.k, &layer.v}) linear(*matrix, input_eight);
    for (const model::IntMatrix* matrix : {&layer.o, &layer.gate, &layer.up, &layer.down}) linear(*matrix, own_eight);
    work.macs8 += 2.0 * m.config.q_size() * keys;
    work.bytes += 2.0 * m.config.kv_size() * first_position;
    input_eight = own_eight;
  }
  work.macs8 += size(m.head());
  work.bytes += size(m.head());
  return work;
}

}  // namespace squat::cli
