// SPDX-License-Identifier: Apache-2.0
// What the driver needs from a device with the accelerator's kernel, whoever moves the bytes: XRT or the simulator itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace squat::backends {

/// Kernel arguments in the order of hw/spec/registers.json. XRT's indices come from the xclbin.
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
  kTimeout,  ///< not done within the limit; abort() comes next
  kStopped,  ///< TransportOptions::stop asked for the end; abort() comes next
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

/// One start of the kernel with the copies before and after it.
struct RunRequest {
  struct Copy {
    DeviceBuffer* buffer = nullptr;
    std::size_t offset = 0, bytes = 0;
  };
  std::vector<Copy> uploads;
  std::chrono::milliseconds limit{0};  ///< of the run itself
  std::vector<Copy> downloads;         ///< after kDone
  std::uint32_t status_register = 0;   ///< read after kDone ...
  std::function<void()> done;          ///< called after kDone, before the downloads; may be empty
};

struct RunOutcome {
  RunState state = RunState::kFailed;
  std::uint32_t status = 0;  ///< ... into this
};

/// One opened device with one kernel. Buffers must not outlive it. Not thread safe.
///
/// After kTimeout and kStopped the device is in an unknown state: every further start throws. Open it anew.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual std::string name() const = 0;  ///< "xrt" or "direct"
  virtual bool simulated() const = 0;    ///< behind it runs simulated RTL

  /// The memory bank that `argument` is connected to: arguments of one bank may share a buffer.
  virtual int bank(Argument argument) const {
    (void)argument;
    return 0;
  }

  /// Memory of the bank that `argument` is connected to. Throws squat::Error (kDeviceFailed) when it does not fit.
  virtual std::unique_ptr<DeviceBuffer> allocate(Argument argument, std::size_t bytes) = 0;

  /// Arguments keep their value from run to run. A buffer may be given to several arguments of one bank.
  virtual void set_argument(Argument argument, const DeviceBuffer& buffer) = 0;
  virtual void set_argument(Argument argument, std::uint32_t value) = 0;

  /// Starts a run; the next call must be wait(). Throws squat::Error (kDeviceFailed).
  virtual void start() = 0;
  /// Waits until the run ends, `limit` at most.
  virtual RunState wait(std::chrono::milliseconds limit) = 0;
  /// Ends a run that wait() gave up; the device may not answer.
  virtual void abort() {}
  /// What the last wait() that was not kDone has to say.
  virtual std::string failure() const = 0;

  /// Reads a control register (byte offset, hw/spec/registers.json).
  virtual std::uint32_t read_register(std::uint32_t offset) = 0;

  /// A run() comes within a moment; what has to wake for it may do so meanwhile.
  virtual void expect_run() {}

  /// All of a run: uploads, start, wait, and after kDone the downloads and the register. Throws as its parts do.
  virtual RunOutcome run(const RunRequest& request) {
    for (const RunRequest::Copy& copy : request.uploads) copy.buffer->to_device(copy.offset, copy.bytes);
    start();
    RunOutcome outcome;
    outcome.state = wait(request.limit);
    if (outcome.state != RunState::kDone) return outcome;
    if (request.done) request.done();
    for (const RunRequest::Copy& copy : request.downloads) copy.buffer->from_device(copy.offset, copy.bytes);
    outcome.status = read_register(request.status_register);
    return outcome;
  }
};

inline std::uint64_t read_register64(Transport& transport, std::uint32_t offset) {
  const std::uint64_t low = transport.read_register(offset);
  return low | std::uint64_t{transport.read_register(offset + 4)} << 32;
}

}  // namespace squat::backends
