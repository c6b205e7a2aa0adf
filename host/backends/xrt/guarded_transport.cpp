// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/guarded_transport.hpp"

#include <utility>

#include "host/backends/xrt/argument_map.hpp"
#include "host/backends/xrt/device_thread.hpp"
#include "host/model/error.hpp"

namespace squat::backends {
namespace {

/// Never deletes what a call that did not return may still use.
template <class T>
void keep_for_ever(std::shared_ptr<T> object) {
  new std::shared_ptr<T>(std::move(object));
}

/// Destroys an object on the device's thread; within a destructor, so that errors end here.
template <class T>
void destroy(DeviceThread& thread, const CallLimits& limits, std::shared_ptr<T> object) {
  if (thread.left_behind()) return keep_for_ever(std::move(object));
  try {
    thread.call(
        "giving back a device", limits.answer, [object = std::move(object)]() mutable { object.reset(); },
        DeviceThread::Purpose::kCleanUp);
  } catch (const std::exception&) {
    // The program goes on without what the device kept, and its end is told by DeviceThread::any_left_behind().
  }
}

class GuardedBuffer final : public DeviceBuffer {
 public:
  GuardedBuffer(std::shared_ptr<DeviceThread> thread, const CallLimits& limits, std::shared_ptr<DeviceBuffer> buffer)
      : thread_(std::move(thread)), limits_(limits), buffer_(std::move(buffer)) {}
  ~GuardedBuffer() override { destroy(*thread_, limits_, std::move(buffer_)); }

  std::uint8_t* host() override { return buffer_->host(); }
  std::size_t size() const override { return buffer_->size(); }
  std::uint64_t address() const override { return buffer_->address(); }
  void to_device(std::size_t offset, std::size_t bytes) override {
    check_range(*this, offset, bytes);
    thread_->call("copying " + std::to_string(bytes) + " bytes to the device", limits_.copy(bytes),
                  [buffer = buffer_, offset, bytes] { buffer->to_device(offset, bytes); });
  }
  void from_device(std::size_t offset, std::size_t bytes) override {
    check_range(*this, offset, bytes);
    thread_->call("copying " + std::to_string(bytes) + " bytes from the device", limits_.copy(bytes),
                  [buffer = buffer_, offset, bytes] { buffer->from_device(offset, bytes); });
  }
  const std::shared_ptr<DeviceBuffer>& inner() const { return buffer_; }

 private:
  std::shared_ptr<DeviceThread> thread_;
  CallLimits limits_;
  std::shared_ptr<DeviceBuffer> buffer_;
};

const GuardedBuffer& guarded(const DeviceBuffer& buffer) {
  const auto* own = dynamic_cast<const GuardedBuffer*>(&buffer);
  if (own == nullptr) throw Error(ExitCode::kInternal, "a buffer of another device");
  return *own;
}

class GuardedTransport final : public Transport {
 public:
  GuardedTransport(std::shared_ptr<DeviceThread> thread, const CallLimits& limits, std::shared_ptr<Transport> transport)
      : thread_(std::move(thread)), limits_(limits), transport_(std::move(transport)) {}
  ~GuardedTransport() override { destroy(*thread_, limits_, std::move(transport_)); }

  std::string name() const override { return transport_->name(); }
  bool simulated() const override { return transport_->simulated(); }
  int bank(Argument argument) const override { return transport_->bank(argument); }

  std::unique_ptr<DeviceBuffer> allocate(Argument argument, std::size_t bytes) override {
    auto buffer = thread_->call("allocating " + std::to_string(bytes) + " bytes of device memory", limits_.copy(bytes),
                                [transport = transport_, argument, bytes] {
                                  return std::shared_ptr<DeviceBuffer>(transport->allocate(argument, bytes));
                                });
    return std::make_unique<GuardedBuffer>(thread_, limits_, std::move(buffer));
  }

  // Arguments only go to the command packet in host memory.
  void set_argument(Argument argument, const DeviceBuffer& buffer) override {
    if (thread_->left_behind()) return;  // the next call that reaches the device says so
    transport_->set_argument(argument, *guarded(buffer).inner());
  }
  void set_argument(Argument argument, std::uint32_t value) override {
    if (!thread_->left_behind()) transport_->set_argument(argument, value);
  }

  void start() override {
    thread_->call("starting the kernel", limits_.answer, [transport = transport_] { transport->start(); });
  }

  RunState wait(std::chrono::milliseconds limit) override {
    own_failure_.clear();
    return thread_->call("waiting for the kernel", limit + limits_.around,
                         [transport = transport_, limit] { return transport->wait(limit); });
  }

  void abort() override {
    try {
      thread_->call(
          "aborting a run", limits_.abort, [transport = transport_] { transport->abort(); }, DeviceThread::Purpose::kCleanUp);
    } catch (const Error&) {
      // Refused or not answered, the device is given up anyway.
      own_failure_ = thread_->left_behind() ? ", and it did not answer the abort" : ", and the abort failed";
    }
  }

  std::string failure() const override { return transport_->failure() + own_failure_; }

  std::uint32_t read_register(std::uint32_t offset) override {
    return thread_->call("reading a register", limits_.answer,
                         [transport = transport_, offset] { return transport->read_register(offset); });
  }

  void expect_run() override {
    if (!thread_->left_behind()) thread_->expect_call();
  }

  /// One call for all parts: changing threads costs more than most of them.
  RunOutcome run(const RunRequest& request) override {
    own_failure_.clear();
    auto owned = std::make_shared<RunRequest>(request);
    owned->done = thread_->announcer();
    std::vector<std::shared_ptr<DeviceBuffer>> buffers;
    std::chrono::milliseconds limit = request.limit + limits_.around;
    for (auto* copies : {&owned->uploads, &owned->downloads}) {
      for (RunRequest::Copy& copy : *copies) {
        check_range(*copy.buffer, copy.offset, copy.bytes);
        buffers.push_back(guarded(*copy.buffer).inner());
        copy.buffer = buffers.back().get();
        limit += limits_.copy(copy.bytes) - limits_.answer;
      }
    }
    return thread_->call("a run of the accelerator", limit,
                         [transport = transport_, owned, buffers = std::move(buffers)] { return transport->run(*owned); });
  }

 private:
  std::shared_ptr<DeviceThread> thread_;
  CallLimits limits_;
  std::shared_ptr<Transport> transport_;
  std::string own_failure_;
};

}  // namespace

std::unique_ptr<Transport> open_guarded(const std::function<std::unique_ptr<Transport>()>& open,
                                        const TransportOptions& options) {
  const CallLimits limits = call_limits(options.time_limit);
  auto thread = std::make_shared<DeviceThread>(options.stop);
  const std::string what = "opening device " + std::to_string(options.device_index);
  try {
    auto transport = thread->call(what, limits.open, [open] { return std::shared_ptr<Transport>(open()); });
    return std::make_unique<GuardedTransport>(thread, limits, std::move(transport));
  } catch (const Error& error) {
    if (thread->left_behind()) throw Error(ExitCode::kDeviceUnavailable, error.what());
    throw;
  }
}

}  // namespace squat::backends
