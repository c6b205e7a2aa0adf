// SPDX-License-Identifier: Apache-2.0
#include "host/reference_float/attention.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace squat::reference {

void RotaryTable::extend(const model::ModelConfig& config, int needed) {
  const int half = config.head_dim / 2;
  for (; positions < needed; ++positions) {
    for (int i = 0; i < half; ++i) {
      const double angle = positions * std::pow(config.rope_theta, -2.0 * i / config.head_dim);
      cosine.push_back(static_cast<float>(std::cos(angle)));
      sine.push_back(static_cast<float>(std::sin(angle)));
    }
  }
}

void rotate(float* x, int tokens, int heads, int head_dim, const RotaryTable& table) {
  const int half = head_dim / 2;
  for (int t = 0; t < tokens; ++t) {
    const float* cosine = table.cosine.data() + static_cast<std::ptrdiff_t>(t) * half;
    const float* sine = table.sine.data() + static_cast<std::ptrdiff_t>(t) * half;
    for (int h = 0; h < heads; ++h) {
      float* first = x + (static_cast<std::ptrdiff_t>(t) * heads + h) * head_dim;
      float* second = first + half;
      for (int i = 0; i < half; ++i) {
        const float a = first[i], b = second[i];
        first[i] = a * cosine[i] - b * sine[i];
        second[i] = b * cosine[i] + a * sine[i];
      }
    }
  }
}

void attention_probabilities(const model::ModelConfig& config, const float* q, const float* k, int tokens,
                             std::vector<float>& probabilities, std::vector<std::uint32_t>& scores) {
  const int hd = config.head_dim, group = config.heads / config.kv_heads;
  const auto n = static_cast<std::ptrdiff_t>(tokens);
  const float scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(hd)));
  probabilities.assign(static_cast<std::size_t>(config.heads) * static_cast<std::size_t>(n * n), 0.0f);
  scores.assign(static_cast<std::size_t>(tokens), 0);
  std::vector<float> transposed(static_cast<std::size_t>(hd * n));  // keys of one head, (head_dim, tokens)
  for (int h = 0; h < config.heads; ++h) {
    for (int j = 0; j < tokens; ++j) {
      const float* key = k + (static_cast<std::ptrdiff_t>(j) * config.kv_heads + h / group) * hd;
      for (int d = 0; d < hd; ++d) transposed[static_cast<std::size_t>(d * n + j)] = key[d];
    }
    for (int i = 0; i < tokens; ++i) {
      const float* query = q + (static_cast<std::ptrdiff_t>(i) * config.heads + h) * hd;
      float* row = probabilities.data() + (h * n + i) * n;
      for (int d = 0; d < hd; ++d) {
        const float value = query[d] * scale;
        const float* keys = transposed.data() + d * n;
        for (int j = 0; j <= i; ++j) row[j] += value * keys[j];
      }
      const float top = *std::max_element(row, row + i + 1);
      double sum = 0;
      for (int j = 0; j <= i; ++j) {
        row[j] = std::exp(row[j] - top);
        sum += static_cast<double>(row[j]);
      }
      const auto inverse = static_cast<float>(1.0 / sum);
      for (int j = 0; j <= i; ++j) row[j] *= inverse;
      scores[static_cast<std::size_t>(i)] += static_cast<std::uint32_t>(std::lround(static_cast<double>(row[0]) * 65536.0));
    }
  }
}

void attention_values(const model::ModelConfig& config, const std::vector<float>& probabilities, const float* v, int tokens,
                      float* out) {
  const int hd = config.head_dim, group = config.heads / config.kv_heads;
  const auto n = static_cast<std::ptrdiff_t>(tokens);
  std::fill_n(out, n * config.heads * hd, 0.0f);
  for (int h = 0; h < config.heads; ++h) {
    for (int i = 0; i < tokens; ++i) {
      const float* row = probabilities.data() + (h * n + i) * n;
      float* sum = out + (static_cast<std::ptrdiff_t>(i) * config.heads + h) * hd;
      for (int j = 0; j <= i; ++j) {
        const float* value = v + (static_cast<std::ptrdiff_t>(j) * config.kv_heads + h / group) * hd;
        for (int d = 0; d < hd; ++d) sum[d] += row[j] * value[d];
      }
    }
  }
}

}  // namespace squat::reference
