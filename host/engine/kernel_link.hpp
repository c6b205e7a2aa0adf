// SPDX-License-Identifier: Apache-2.0
// What the engine needs from an accelerator: device buffers, one kernel start, and its status block.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/engine/accelerator_limits.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::engine {

/// Bytes needed once per model.
struct BufferSizes {
  std::uint32_t weight_units = 0, kv_units = 0, io_units = 0;  ///< 16-byte units
  std::uint32_t max_commands = 0;
};

/// A range of the pass buffer in bytes.
struct ByteRange {
  std::size_t offset = 0, size = 0;
};

struct KernelStart {
  const std::vector<spec::Record>* commands = nullptr;
  std::uint32_t io_units = 0;         ///< the status block is the last 64 units
  std::uint32_t profile = 0;          ///< unit of the pass buffer where the profile records go; 0: none
  bool continues = false;             ///< the pass continues the sequence in the cache; false: it starts one
  std::uint32_t cache_copies = 1;     ///< how many loads of the same keys or values join the sum of the cache
  ByteRange logits;                   ///< part of the outputs; empty when none are wanted
  ByteRange input;                    ///< part of the pass buffer that the host wrote
  std::vector<ByteRange> outputs;     ///< parts to bring back, the status block included
  std::uint64_t expected_cycles = 0;  ///< estimate; time limits scale with it
};

class KernelLink {
 public:
  KernelLink() = default;
  KernelLink(const KernelLink&) = delete;
  KernelLink& operator=(const KernelLink&) = delete;
  virtual ~KernelLink() = default;

  virtual std::string name() const = 0;
  virtual AcceleratorLimits limits() const = 0;

  /// Where cycle counts come from, for reports: "rtl-simulated", "estimated", "measured", or empty when nothing counts cycles.
  virtual std::string cycle_source() const = 0;

  /// Writes all weight_units of the weights to host memory.
  using WriteWeights = std::function<void(std::uint8_t* to)>;
  /// Allocates all buffers and uploads the weights, which `write` puts there, called once. Called before anything else, once or
  /// after each reopen().
  virtual void prepare(const BufferSizes& sizes, const WriteWeights& write) = 0;

  /// Gives the device back and opens it again, whatever state a failure left it in. Throws as opening does; false when this
  /// link cannot.
  virtual bool reopen() { return false; }

  /// Brings back a part of the key-value cache (bytes) and returns where it lies; valid until the next call.
  virtual const std::uint8_t* read_cache(ByteRange range) = 0;

  /// Host view of the pass buffer (io_units * 16 bytes).
  virtual std::uint8_t* io() = 0;

  /// A run() comes as soon as its commands are compiled.
  virtual void expect_run() {}

  /// One kernel start: uploads commands and input, runs, fetches the outputs. Throws squat::Error (device failed) with the
  /// first error, its command and what to do when the kernel reports one or does not finish in time.
  virtual void run(const KernelStart& start) = 0;
};

}  // namespace squat::engine
