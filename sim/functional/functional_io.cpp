// SPDX-License-Identifier: Apache-2.0
// Commands of the io unit.
#include <cstring>
#include <stdexcept>

#include "hls/requantize.hpp"
#include "sim/functional/functional_kernel.hpp"

namespace squat::sim {

using spec::get;
using spec::Record;

void FunctionalKernel::load_residual(const Record& r) {
  const std::uint32_t words = get(r, spec::kLoadResidualWords);
  const hls::Requant rq{get(r, spec::kLoadResidualM0), get(r, spec::kLoadResidualS0)};
  for (std::uint32_t t = 0; t < get(r, spec::kLoadResidualTokens); ++t) {
    const std::uint64_t unit = std::uint64_t{get(r, spec::kLoadResidualSrc)} + std::uint64_t{t} * words;
    const std::uint8_t* source = memory_(arguments_.io + unit * 16, std::size_t{words} * 16);
    for (std::uint32_t k = 0; k < words * 16; ++k) {
      std::int32_t& lane =
          chip_->vector[get(r, spec::kLoadResidualXBase) + t * get(r, spec::kLoadResidualXStride) + k / 16][k % 16];
      lane = hls::add_residual(get(r, spec::kLoadResidualAdd) != 0 ? lane : 0, static_cast<std::int8_t>(source[k]), rq);
    }
  }
}

void FunctionalKernel::load_params(const Record& r) {
  const std::size_t count = get(r, spec::kLoadParamsCount);
  const std::size_t first = std::size_t{get(r, spec::kLoadParamsWord)} * 16;
  auto& target = chip_->params[get(r, spec::kLoadParamsBuffer)];
  if (first + (count + 15) / 16 * 16 > target.size())
    throw std::runtime_error("functional kernel: load_params beyond its buffer");
  std::memcpy(target.data() + first,
              memory_(arguments_.weights[0] + std::uint64_t{get(r, spec::kLoadParamsSrc)} * 16, count * 4), count * 4);
}

void FunctionalKernel::append_k(const Record& r) {
  const std::uint32_t head_dim = 1U << get(r, spec::kAppendKLog2HeadDim);
  const std::uint32_t first = get(r, spec::kAppendKFirstPosition);
  for (std::uint32_t head = 0; head < get(r, spec::kAppendKKvHeads); ++head) {
    for (std::uint32_t t = 0; t < get(r, spec::kAppendKTokens); ++t) {
      const std::uint32_t position = first + t;
      for (std::uint32_t d = 0; d < head_dim; ++d) {
        const std::uint64_t unit =
            std::uint64_t{get(r, spec::kAppendKDst)} + std::uint64_t{head} * get(r, spec::kAppendKHeadStride);
        const std::uint64_t byte = unit * 16 + (position / 32) * head_dim * 32 + d * 32 + position % 32;
        *memory_(arguments_.kv + byte, 1) = chip_->activation.at(get(r, spec::kAppendKABase), get(r, spec::kAppendKAStride),
                                                                 first % 16 + t, head * head_dim + d);
      }
    }
  }
}

void FunctionalKernel::append_v(const Record& r) {
  const std::uint32_t head_dim = 1U << get(r, spec::kAppendVLog2HeadDim);
  const hls::Requant rq{get(r, spec::kAppendVM0), get(r, spec::kAppendVS0)};
  const WidthTable& table = chip_->tables[get(r, spec::kAppendVOutTable)];
  for (std::uint32_t head = 0; head < get(r, spec::kAppendVKvHeads); ++head) {
    for (std::uint32_t t = 0; t < get(r, spec::kAppendVTokens); ++t) {
      for (std::uint32_t d = 0; d < head_dim; ++d) {
        const std::uint32_t channel = head * head_dim + d;
        const std::int32_t raw =
            chip_->vector[get(r, spec::kAppendVXBase) + t * get(r, spec::kAppendVXStride) + channel / 16][channel % 16];
        const std::uint64_t unit = std::uint64_t{get(r, spec::kAppendVDst)} +
                                   std::uint64_t{head} * get(r, spec::kAppendVHeadStride) +
                                   std::uint64_t{d / 32} * get(r, spec::kAppendVTileStride) +
                                   (std::uint64_t{get(r, spec::kAppendVFirstPosition)} + t) * 2;
        *memory_(arguments_.kv + unit * 16 + d % 32, 1) =
            static_cast<std::uint8_t>(hls::requantize_attention_code(raw, rq, table.eight[t] != 0));
      }
    }
  }
}

}  // namespace squat::sim
