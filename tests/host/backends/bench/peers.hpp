// SPDX-License-Identifier: Apache-2.0
// Other libraries' products of a decoded token, where they are installed.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace squat::bench {

struct Shape {
  int rows = 0, columns = 0;
};

struct Peer {
  std::string name;
  double bytes = 0;                     ///< of weights that a token reads, 8 bits each
  std::function<void(int copy)> token;  ///< every product with that copy of the weights once, one thread
};

/// XNNPACK's fully connected layers (weights packed once) and gemmlowp's products (packed in every call) of these shapes, for
/// one token, with so many copies of the weights.
std::vector<Peer> peers(const std::vector<Shape>& shapes, int copies);

}  // namespace squat::bench
