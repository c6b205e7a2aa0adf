// SPDX-License-Identifier: Apache-2.0
#include "host/backends/ref/ref_attention.hpp"

#include "hls/mkmp.hpp"
#include "hls/requantize.hpp"
#include "hls/softmax.hpp"

namespace squat::backends::ref {
namespace {

/// Columns first .. first+count-1 of a row-major tensor.
Codes columns_of(const Codes& tensor, std::size_t columns, std::size_t first, std::size_t count) {
  Codes out;
  for (std::size_t row = 0; row < tensor.size() / columns; ++row) {
    for (std::size_t i = 0; i < count; ++i) out.push_back(tensor[row * columns + first + i]);
  }
  return out;
}

Codes transposed(const Codes& tensor, std::size_t columns) {
  Codes out;
  for (std::size_t i = 0; i < columns; ++i) {
    for (std::size_t row = 0; row < tensor.size() / columns; ++row) out.push_back(tensor[row * columns + i]);
  }
  return out;
}

std::size_t kv_head_of(const model::ModelConfig& c, std::size_t head) {
  return head / static_cast<std::size_t>(c.heads / c.kv_heads);
}

}  // namespace

Attention attend(const model::ModelConfig& c, const Codes& q, const Codes& keys, hls::Requant score, int first) {
  const std::size_t heads = static_cast<std::size_t>(c.heads), dim = static_cast<std::size_t>(c.head_dim);
  const std::size_t tokens = q.size() / (heads * dim);
  const std::size_t context = static_cast<std::size_t>(first) + tokens;
  const std::size_t kv_columns = static_cast<std::size_t>(c.kv_size());
  Attention a;
  a.scores.resize(heads * tokens * context);
  a.prob.resize(heads * tokens * context);
  a.token_score.resize(tokens);
  for (std::size_t h = 0; h < heads; ++h) {
    const Codes head_q = columns_of(q, heads * dim, h * dim, dim);
    const Codes head_k = columns_of(keys, kv_columns, kv_head_of(c, h) * dim, dim);
    std::int32_t* scores = a.scores.data() + h * tokens * context;
    hls::mkmp_gemm(head_k.data(), static_cast<int>(context), c.head_dim, false, head_q.data(), static_cast<int>(tokens),
                   nullptr, scores);
    for (std::size_t t = 0; t < tokens; ++t) {
      const std::size_t visible = static_cast<std::size_t>(first) + t + 1;
      std::int32_t* row = scores + t * context;
      std::uint32_t wide0 = 0;
      hls::softmax_row(row, static_cast<int>(visible), score, a.prob.data() + (h * tokens + t) * context, wide0);
      a.token_score[t] += wide0;
      for (std::size_t j = visible; j < context; ++j) row[j] = 0;
    }
  }
  return a;
}

Wide weigh(const model::ModelConfig& c, const Attention& attention, const Codes& values) {
  const std::size_t heads = static_cast<std::size_t>(c.heads), dim = static_cast<std::size_t>(c.head_dim);
  const std::size_t tokens = attention.token_score.size();
  const std::size_t kv_columns = static_cast<std::size_t>(c.kv_size());
  const std::size_t context = values.size() / kv_columns;
  Wide out(tokens * heads * dim);
  Wide head_out(tokens * dim);
  for (std::size_t h = 0; h < heads; ++h) {
    const Codes head_v = transposed(columns_of(values, kv_columns, kv_head_of(c, h) * dim, dim), dim);
    hls::mkmp_gemm_unsigned(head_v.data(), c.head_dim, static_cast<int>(context), attention.prob.data() + h * tokens * context,
                            static_cast<int>(tokens), head_out.data());
    for (std::size_t t = 0; t < tokens; ++t) {
      for (std::size_t i = 0; i < dim; ++i) out[(t * heads + h) * dim + i] = head_out[t * dim + i];
    }
  }
  return out;
}

Codes attention_codes(const Wide& sums, hls::Requant r, const Widths& widths) {
  const std::size_t columns = sums.size() / widths.size();
  Codes out(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) out[i] = hls::requantize_code(sums[i], r, widths[i / columns] != 0);
  return out;
}

}  // namespace squat::backends::ref
