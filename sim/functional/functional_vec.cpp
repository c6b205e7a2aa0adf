// SPDX-License-Identifier: Apache-2.0
// Commands of the vector unit.
#include <algorithm>
#include <vector>

#include "hls/layer_norm.hpp"
#include "hls/rms_norm.hpp"
#include "hls/softmax.hpp"
#include "sim/functional/functional_kernel.hpp"

namespace squat::sim {

using spec::get;
using spec::Record;

void FunctionalKernel::norm(const Record& r) {
  const std::uint32_t words = get(r, spec::kNormWords);
  const std::uint32_t n = words * 16;
  const std::uint32_t ks = get(r, spec::kNormOKs);
  const bool grouped = get(r, spec::kNormGrouped) != 0;
  const WidthTable& table = chip_->tables[get(r, spec::kNormOutTable)];
  const std::uint64_t eps = get(r, spec::kNormEpsLow) | std::uint64_t{get(r, spec::kNormEpsHigh)} << 32;
  const int shift = static_cast<int>(get(r, spec::kNormShift));
  const hls::Requant mean{get(r, spec::kNormM0), get(r, spec::kNormS0)};
  const std::size_t bank = std::size_t{get(r, spec::kNormGainBank)} * 1024;
  const std::int32_t* gain = chip_->params[spec::kBufferGain].data() + bank;
  const std::int32_t* beta = chip_->params[spec::kBufferBeta].data() + bank;
  std::vector<std::int32_t> row(n);
  std::vector<std::int8_t> code(n);
  for (std::uint32_t i = 0; i < get(r, spec::kNormTokens); ++i) {
    const std::uint32_t token = get(r, spec::kNormFirstToken) + i;
    for (std::uint32_t k = 0; k < n; ++k)
      row[k] = chip_->vector[get(r, spec::kNormXBase) + token * get(r, spec::kNormXStride) + k / 16][k % 16];
    const bool eight = !grouped || table.eight[token] != 0;
    if (get(r, spec::kNormCentred) != 0) {
      hls::layer_norm(row.data(), static_cast<int>(n), gain, beta, {mean, eps, shift}, eight, code.data());
    } else {
      hls::rms_norm(row.data(), static_cast<int>(n), gain, {eps, shift}, eight, code.data());
    }
    const std::uint32_t slot = grouped ? table.grouping.slot_of_token[token] : i;
    for (std::uint32_t k = 0; k < n; ++k) {
      chip_->activation.at(get(r, spec::kNormOBase), get(r, spec::kNormOStride), ks == 0 ? slot : 4 * (k / ks) + i,
                           ks == 0 ? k : k % ks) = static_cast<std::uint8_t>(code[k]);
    }
  }
}

void FunctionalKernel::softmax(const Record& r) {
  const std::uint32_t columns = get(r, spec::kSoftmaxOWords) * 16;
  const std::uint32_t ks = get(r, spec::kSoftmaxOKs);
  for (std::uint32_t t = 0; t < get(r, spec::kSoftmaxTokens); ++t) {
    const std::uint32_t keys = get(r, spec::kSoftmaxFirstPosition) + t + 1;
    std::vector<std::int32_t> row(keys);
    for (std::uint32_t j = 0; j < keys; ++j)
      row[j] = chip_->vector[get(r, spec::kSoftmaxSBase) + t * get(r, spec::kSoftmaxSStride) + j / 16][j % 16];
    std::vector<std::uint8_t> code(std::max(columns, keys), 0);
    std::uint32_t wide0 = 0;
    hls::softmax_row(row.data(), static_cast<int>(keys), {get(r, spec::kSoftmaxM0), get(r, spec::kSoftmaxS0)}, code.data(),
                     wide0);
    chip_->scores[t] = wide0 + (get(r, spec::kSoftmaxFirstHead) != 0 ? 0 : chip_->scores[t]);
    for (std::uint32_t j = 0; j < columns; ++j) {
      chip_->activation.at(get(r, spec::kSoftmaxOBase), get(r, spec::kSoftmaxOStride), ks == 0 ? t : 4 * (j / ks) + t,
                           ks == 0 ? j : j % ks) = code[j];
    }
  }
}

void FunctionalKernel::tclm(const Record& r) {
  hls::WidthParams params;
  params.rule = static_cast<hls::WidthRule>(get(r, spec::kTclmRule));
  params.rho_num = get(r, spec::kTclmRhoNum);
  params.threshold = get(r, spec::kTclmThreshold);
  params.seed = get(r, spec::kTclmSeed);
  params.layer = get(r, spec::kTclmLayer);
  const int tokens = static_cast<int>(get(r, spec::kTclmTokens));
  WidthTable& table = chip_->tables[get(r, spec::kTclmOutTable)];
  const std::uint32_t total = hls::assign_widths(params, chip_->scores.data(), tokens, get(r, spec::kTclmFirstPosition),
                                                 get(r, spec::kTclmEightBefore), table.eight.data());
  hls::group_tokens(table.eight.data(), tokens, table.grouping);
  if (get(r, spec::kTclmCount) != 0) chip_->eight_total[params.layer] = total;
}

void FunctionalKernel::rope_table(const Record& r) {
  const std::uint32_t pairs = (1U << get(r, spec::kRopeTableLog2HeadDim)) / 2;
  for (std::uint32_t t = 0; t < get(r, spec::kRopeTableTokens); ++t) {
    for (std::uint32_t i = 0; i < pairs; ++i) {
      chip_->rope[t * pairs + i] = hls::rope_sincos(get(r, spec::kRopeTableFirstPosition) + t,
                                                    static_cast<std::uint32_t>(chip_->params[spec::kBufferRope][i]));
    }
  }
}

}  // namespace squat::sim
