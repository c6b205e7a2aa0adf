// SPDX-License-Identifier: Apache-2.0
// What the driver needs from a device with the accelerator's kernel, whoever moves the bytes: XRT or the simulator itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace squat::backends {

/// Kernel arguments in the order of hw/spec/registers.json; the numbers are XRT's argument indices.
enum class Argument : int {
  kCmd,
  kWeights0,
  kWeights1,
  kWeights2,
  kWeights3,
  kKv,
  kIo,
  kCmdCount,
  kProfile,
  kWeightsUnits,
  kKvUnits,
  kIoUnits,
  kWatchdog,
};

enum class RunState {
  kDone,     ///< the kernel said that it is done; its status register says how it went
  kTimeout,  ///< not done within the limit; the run was aborted
  kFailed,   ///< the device refused the run or broke a rule; failure() says why
};

/// Device memory with a host copy. Nothing moves between the two without a sync.
class DeviceBuffer {
 public:
  virtual ~DeviceBuffer() = default;

  virtual std::uint8_t* host() = 0;
  virtual std::size_t size() const = 0;       ///< bytes
  virtual std::uint64_t address() const = 0;  ///< in device memory, 4 KiB aligned
  /// Copies [offset, offset + bytes). Throws squat::Error (kInternal) outside the buffer, (kDeviceFailed) when the copy fails.
  virtual void to_device(std::size_t offset, std::size_t bytes) = 0;
  virtual void from_device(std::size_t offset, std::size_t bytes) = 0;
};

/// One opened device with one kernel. Buffers must not outlive it. Not thread safe.
///
/// After kTimeout the device is in an unknown state: every further start throws. Open it anew.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual std::string name() const = 0;  ///< "xrt" or "direct"
  virtual bool simulated() const = 0;    ///< behind it runs simulated RTL

  /// Memory of the bank that `argument` is connected to. Throws squat::Error (kDeviceFailed) when it does not fit.
  virtual std::unique_ptr<DeviceBuffer> allocate(Argument argument, std::size_t bytes) = 0;

  /// Arguments keep their value from run to run. A buffer may be given to several arguments of one bank.
  virtual void set_argument(Argument argument, const DeviceBuffer& buffer) = 0;
  virtual void set_argument(Argument argument, std::uint32_t value) = 0;

  /// Starts a run; the next call must be wait(). Throws squat::Error (kDeviceFailed).
  virtual void start() = 0;
  /// Waits until the run ends, `limit` at most, and aborts it then.
  virtual RunState wait(std::chrono::milliseconds limit) = 0;
  /// What the last wait() that was not kDone has to say.
  virtual std::string failure() const = 0;

  /// Reads a control register (byte offset, hw/spec/registers.json).
  virtual std::uint32_t read_register(std::uint32_t offset) = 0;
};

inline std::uint64_t read_register64(Transport& transport, std::uint32_t offset) {
  const std::uint64_t low = transport.read_register(offset);
  return low | std::uint64_t{transport.read_register(offset + 4)} << 32;
}

}  // namespace squat::backends
