// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "host/backends/cpu/packed_matrix.hpp"

namespace squat::backends::cpu {

struct PackedLayer {
  PackedMatrix q, k, v, o, gate, up, down;  ///< GPT-2: no gate
};

/// All weights of a model that a decoded token reads, packed for a kernel set.
struct PackedModel {
  PackedModel(const model::IntegerModel& m, const KernelSet& kernels) : head(pack(m.head(), kernels)) {
    for (const model::IntLayer& layer : m.layers) {
      layers.push_back({pack(layer.q, kernels), pack(layer.k, kernels), pack(layer.v, kernels), pack(layer.o, kernels),
                        m.config.gpt2() ? PackedMatrix{} : pack(layer.gate, kernels), pack(layer.up, kernels),
                        pack(layer.down, kernels)});
    }
  }

  std::vector<PackedLayer> layers;
  PackedMatrix head;

  /// Bytes that one token reads.
  std::size_t bytes() const {
    std::size_t sum = head.bytes();
    for (const PackedLayer& l : layers) {
      for (const PackedMatrix* w : {&l.q, &l.k, &l.v, &l.o, &l.gate, &l.up, &l.down}) sum += w->bytes();
    }
    return sum;
  }
};

}  // namespace squat::backends::cpu
