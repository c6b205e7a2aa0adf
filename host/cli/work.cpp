// SPDX-License-Identifier: Apache-2.0
#include "host/cli/work.hpp"

namespace squat::cli {
namespace {

double size(const model::IntMatrix& matrix) { return static_cast<double>(matrix.rows) * matrix.cols; }

std::vector<const model::IntMatrix*> matrices(const model::IntLayer& layer, engine::Role role) {
  switch (role) {
    case engine::Role::kQ:
      return {&layer.q};
    case engine::Role::kK:
      return {&layer.k};
    case engine::Role::kV:
      return {&layer.v};
    case engine::Role::kO:
      return {&layer.o};
    case engine::Role::kGateUp:
      return {&layer.gate, &layer.up};
    case engine::Role::kDown:
      return {&layer.down};
    default:
      return {};
  }
}

}  // namespace

Work linear_work(const model::IntegerModel& m, int layer, engine::Role role, int tokens,
                 const std::vector<std::uint32_t>& eight_tokens) {
  const auto index = static_cast<std::size_t>(layer);
  // Queries, keys and values read the layer's input, whose widths are those of the layer before.
  const bool input = role == engine::Role::kQ || role == engine::Role::kK || role == engine::Role::kV;
  double eight = input && layer == 0 ? 0.0 : eight_tokens[input ? index - 1 : index];
  if (input && layer == 0 && m.widths.activations != model::Activations::k4) eight = tokens;
  const double four = m.weight_bits == 4 ? tokens - eight : 0.0;
  Work work;
  for (const model::IntMatrix* matrix : matrices(m.layers[index], role)) {
    work.bytes += size(*matrix) * matrix->bits / 8.0;
    work.macs8 += size(*matrix) * (tokens - four);
    work.macs4 += size(*matrix) * four;
  }
  return work;
}

Work work_of_pass(const model::IntegerModel& m, int first_position, int tokens,
                  const std::vector<std::uint32_t>& eight_tokens) {
  Work work;
  const double keys = static_cast<double>(tokens) * first_position + tokens * (tokens + 1.0) / 2.0;
  for (int l = 0; l < m.config.layers; ++l) {
    for (const engine::Role role :
         {engine::Role::kQ, engine::Role::kK, engine::Role::kV, engine::Role::kO, engine::Role::kGateUp, engine::Role::kDown}) {
      work += linear_work(m, l, role, tokens, eight_tokens);
    }
    work.macs8 += 2.0 * m.config.q_size() * keys;
    work.bytes += 2.0 * m.config.kv_size() * first_position;
  }
  work.macs8 += size(m.head());
  work.bytes += size(m.head());
  return work;
}

}  // namespace squat::cli
