// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/busy_cycles.hpp"

#include <algorithm>
#include <vector>

#include "host/estimate/io.hpp"
#include "host/estimate/vec.hpp"

namespace squat::estimate {
namespace {

using Cycles = std::uint64_t;

Cycles groups(Cycles tokens) { return (tokens + 15) / 16; }

Cycles gemm(const spec::Record& c, unsigned eight) {
  const Cycles tokens = spec::get(c, spec::kGemmTokens), position = spec::get(c, spec::kGemmFirstPosition);
  const Cycles tiles = spec::get(c, spec::kGemmTiles), together = spec::get(c, spec::kGemmWide) + 1;
  const auto passes = [together](Cycles t) { return (t + together - 1) / together; };
  const Cycles k = spec::get(c, spec::kGemmK), causal = spec::get(c, spec::kGemmCausal);
  if (spec::get(c, spec::kGemmBanded) != 0) return passes(tiles) * spec::get(c, spec::kGemmKs);
  if (spec::get(c, spec::kGemmGrouped) != 0) {
    const Cycles four = groups(tokens - eight);
    return passes(tiles) * k * (groups(eight) + (spec::get(c, spec::kGemmMode) == 0 ? (four + 1) / 2 : four));
  }
  Cycles steps = 0;
  for (Cycles g = 0; g < groups(tokens); ++g) {
    const Cycles last = position + std::min(16 * g + 15, tokens - 1);
    steps += passes(causal == 1 ? std::min(tiles, last / 32 + 1) : tiles) * (causal == 2 ? std::min(k, last / 8 * 8 + 8) : k);
  }
  return steps;
}

/// Norm and softmax: the first word of row r enters stage A, B and C in cycle a[r], b[r], c[r] of the operation.
Cycles rows(const spec::Record& command) {
  const bool softmax = spec::get(command, spec::kCmdOpcode) == spec::kOpSoftmax;
  const bool centred = !softmax && spec::get(command, spec::kNormCentred) != 0;
  const Cycles count = spec::get(command, spec::kNormTokens), position = spec::get(command, spec::kSoftmaxFirstPosition);
  const Cycles fixed = spec::get(command, spec::kNormWords), out = softmax ? spec::get(command, spec::kSoftmaxOWords) : fixed;
  const auto words = [&](Cycles row) { return softmax ? (position + row + 16) / 16 : fixed; };
  const Cycles reduce = centred ? 8 : 4, scale = softmax ? 16 : 12, write = softmax ? 12 : 13;
  std::vector<Cycles> a(count), b(count), c(count);
  for (Cycles r = 0; r < count; ++r) {
    const Cycles w = words(r);
    if (r > 0) a[r] = a[r - 1] + words(r - 1);
    if (r > 3) a[r] = std::max(a[r], b[r - 4] + words(r - 4));
    b[r] = a[r] + w + reduce;
    if (r > 0) b[r] = std::max(b[r], b[r - 1] + words(r - 1));
    if (r > 3) b[r] = std::max(b[r], c[r - 4] + out);
    c[r] = b[r] + w + scale;
    if (r > 0) c[r] = std::max(c[r], c[r - 1] + out);
  }
  return c.back() + out - 1 + write;
}

}  // namespace

std::uint64_t busy_cycles(const spec::Record& command, unsigned eight, unsigned beat_words) {
  switch (spec::get(command, spec::kCmdOpcode)) {
    case spec::kOpLoad:
      return Cycles{spec::get(command, spec::kLoadWords)} * spec::get(command, spec::kLoadTiles) / beat_words;
    case spec::kOpGemm:
      return gemm(command, eight);
    case spec::kOpNorm:
    case spec::kOpSoftmax:
      return rows(command);
    case spec::kOpTclm:
      return tclm_cycles(command) + 4;
    case spec::kOpRopeTable:
      return rope_table_cycles(command) + 4;
    case spec::kOpLoadParams:
      return load_beats(command) + 5;
    case spec::kOpLoadResidual:
      return load_beats(command) + 9;
    default: {  // append_k, append_v
      const AppendRanges r = append_ranges(command);
      return Cycles{r.heads} * r.inner * (r.beats + 1) + 7;
    }
  }
}

}  // namespace squat::estimate
