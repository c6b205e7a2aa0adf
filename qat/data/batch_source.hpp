// SPDX-License-Identifier: Apache-2.0
// Where the batches of a run come from. A batch is a pure function of its number: a run resumes anywhere, and several processes
// share it without talking.
#pragma once

#include <cstdint>

#include "qat/model/language_model.hpp"

namespace squat::qat {

class BatchSource {
 public:
  BatchSource() = default;
  BatchSource(const BatchSource&) = delete;
  BatchSource& operator=(const BatchSource&) = delete;
  virtual ~BatchSource() = default;

  /// Batch `number`, 0, 1, ..
  virtual Batch batch(std::uint64_t number) const = 0;
  /// At most `count` sequences without padding that quantisers start from; the same for any number of ranks.
  virtual Batch first_sequences(int count) const = 0;
  virtual int sequences() const = 0;            ///< of a batch
  virtual double tokens_per_batch() const = 0;  ///< mean, without padding
};

}  // namespace squat::qat
