// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/rows.hpp"

namespace squat::estimate {
namespace {

/// squat_row_reader: 2 cycles of vector memory, 16 to 4 to 1 to the running value. Then squat_norm: line, shifted input,
/// square, two adders, sum and 6 cycles of squat_rsqrt; out: 5 cycles of lanes, 3 of squat_vec_out.
constexpr RowLatency kNorm{5, 13, 8};
/// squat_softmax: line, distance, product, shift, 4 cycles of 2^-x, two adders, sum and 5 cycles of squat_recip; 4 of lanes, 3.
constexpr RowLatency kSoftmax{5, 17, 7};
constexpr unsigned kMean = 4;  ///< squat_norm_mean, from the row's sum

/// True, once, in the cycle in which the oldest of the queue arrives.
template <unsigned N>
bool arrives(FixedQueue<std::uint64_t, N>& queue, std::uint64_t now) {
  if (queue.empty() || queue.front() != now) return false;
  queue.pop();
  return true;
}

}  // namespace

RowPipeline::RowPipeline(const spec::Record& command)
    : softmax_(spec::get(command, spec::kCmdOpcode) == spec::kOpSoftmax),
      centred_(!softmax_ && spec::get(command, spec::kNormCentred) != 0),
      latency_(softmax_ ? kSoftmax : kNorm) {
  read_rows_ = left_ = spec::get(command, spec::kNormTokens);
  keys_ = spec::get(command, spec::kSoftmaxFirstPosition) + 1;
  words_in_ = spec::get(command, spec::kNormWords);
  words_out_ = softmax_ ? spec::get(command, spec::kSoftmaxOWords) : words_in_;
}

void RowPipeline::update(std::uint64_t now, bool read_granted, bool write_granted) {
  // What this cycle does, from the state at its beginning.
  const bool read = reads() && read_granted;
  const bool issue = offered_ != 0 && left_ != 0 && (!centred_ || means_ != 0) && (b_word_ != 0 || b_banks_ != kBanks);
  const bool row_end = issue && b_word_ + 1 == words(b_row_);
  const bool code = scaled_ != 0 && room_ != 0;
  const bool code_end = code && c_word_ + 1 == words_out_;
  const bool written = ready_ != 0 && write_granted;

  // A: an update at the end of cycle t shows in t + 1.
  if (arrives(reduced_, now + 1)) {
    ++offered_;
    if (centred_) averaged_.push(now + 1 + kMean);
  }
  if (arrives(averaged_, now + 1)) ++means_;
  if (read) {
    if (read_word_ == 0) ++read_banks_;
    if (++read_word_ == words(read_row_)) {
      reduced_.push(now + latency_.reduced);
      read_word_ = 0;
      ++read_row_;
      --read_rows_;
    }
  }

  // B.
  if (arrives(scales_, now + 1)) ++scaled_;
  if (issue) {
    if (b_word_ == 0) ++b_banks_;
    ++b_word_;
  }
  if (row_end) {
    scales_.push(now + latency_.scale);
    b_word_ = 0;
    ++b_row_;
    --offered_;
    --read_banks_;
    if (centred_) --means_;
  }

  // C.
  if (arrives(writes_, now + 1)) ++ready_;
  if (written) {
    --ready_;
    ++room_;
  }
  if (code) {
    writes_.push(now + latency_.write);
    --room_;
    ++c_word_;
  }
  if (code_end) {
    c_word_ = 0;
    --scaled_;
    --b_banks_;
    --left_;
  }
}

}  // namespace squat::estimate
