// SPDX-License-Identifier: Apache-2.0
// hls::stream<T> for C simulation with any C++14 compiler: a queue without a limit, as in the vendor's C simulation. Reading an
// empty stream is an error of the kernel and ends the simulation. Synthesis (__SYNTHESIS__) and SQUAT_VENDOR_HEADERS take the
// vendor's hls_stream.h.
#pragma once

#if defined(__SYNTHESIS__) || defined(SQUAT_VENDOR_HEADERS)
#include <hls_stream.h>
#else

#include <cstddef>
#include <deque>
#include <stdexcept>
#include <string>

namespace hls {

/// Depth is what synthesis would give the FIFO; the simulation does not limit it.
template <typename T, int Depth = 0>
class stream {
 public:
  stream() = default;
  explicit stream(const char* name) : name_(name) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  bool empty() const { return queue_.empty(); }
  std::size_t size() const { return queue_.size(); }
  void write(const T& value) { queue_.push_back(value); }
  /// Throws std::logic_error when there is nothing to read: in hardware the kernel would wait for ever.
  T read() {
    if (queue_.empty()) throw std::logic_error(std::string("hls::stream ") + name_ + ": read while empty");
    T value = queue_.front();
    queue_.pop_front();
    return value;
  }

 private:
  const char* name_ = "(unnamed)";
  std::deque<T> queue_;
};

}  // namespace hls

#endif
