// SPDX-License-Identifier: Apache-2.0
#include "sim/direct_transport.hpp"

#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "host/backends/xrt/argument_map.hpp"
#include "host/backends/xrt/device_busy.hpp"
#include "host/backends/xrt/progress_meter.hpp"
#include "host/model/error.hpp"
#include "sim/bank_allocator.hpp"
#include "sim/kernel_model.hpp"

namespace squat::sim {
namespace {

using backends::Argument;
using backends::DeviceBuffer;
using backends::RunState;

constexpr std::uint64_t kSlice = 2048;  ///< cycles between two looks at the clock on the wall

/// What transport and buffers share, so that a buffer may be released at any time.
struct DirectMemory {
  explicit DirectMemory(const backends::SimulationOptions& options)
      : model(make_kernel_core(options.config), options), bank(kDirectMemoryBase, kDirectMemoryBytes) {
    model.memory().add_bank(kDirectMemoryBase, kDirectMemoryBytes);
  }
  KernelModel model;
  BankAllocator bank;
};

class DirectBuffer final : public DeviceBuffer {
 public:
  DirectBuffer(std::shared_ptr<DirectMemory> memory, std::uint64_t address, std::size_t bytes)
      : memory_(std::move(memory)), address_(address), host_(bytes) {}
  ~DirectBuffer() override { memory_->bank.release(address_); }

  std::uint8_t* host() override { return host_.data(); }
  std::size_t size() const override { return host_.size(); }
  std::uint64_t address() const override { return address_; }
  void to_device(std::size_t offset, std::size_t bytes) override {
    std::memcpy(device(offset, bytes), host_.data() + offset, bytes);
  }
  void from_device(std::size_t offset, std::size_t bytes) override {
    std::memcpy(host_.data() + offset, device(offset, bytes), bytes);
  }

 private:
  std::byte* device(std::size_t offset, std::size_t bytes) const {
    backends::check_range(*this, offset, bytes);
    return memory_->model.memory().find(address_ + offset, bytes);
  }

  std::shared_ptr<DirectMemory> memory_;
  std::uint64_t address_;
  std::vector<std::uint8_t> host_;
};

class DirectTransport final : public backends::Transport {
 public:
  explicit DirectTransport(const backends::TransportOptions& options)
      : memory_(std::make_shared<DirectMemory>(options.simulation)), progress_(options.progress), stop_(options.stop) {}

  std::string name() const override { return "direct"; }
  bool simulated() const override { return true; }

  std::unique_ptr<DeviceBuffer> allocate(Argument, std::size_t bytes) override {
    const auto address = memory_->bank.allocate(bytes);
    if (!address) {
      throw Error(ExitCode::kDeviceFailed, "simulated device memory: no room for " + std::to_string(bytes) + " bytes in the " +
                                               std::to_string(kDirectMemoryBytes >> 20) + " MiB bank");
    }
    return std::make_unique<DirectBuffer>(memory_, *address, bytes);
  }

  void set_argument(Argument argument, const DeviceBuffer& buffer) override {
    const std::uint32_t offset = backends::register_of(argument);
    write(offset, static_cast<std::uint32_t>(buffer.address()));
    write(offset + 4, static_cast<std::uint32_t>(buffer.address() >> 32));
  }
  void set_argument(Argument argument, std::uint32_t value) override { write(backends::register_of(argument), value); }

  void start() override {
    check_alive();
    // Arguments are kept here as well, because a reset after a failed run clears the registers.
    for (const auto& [offset, value] : arguments_) model().write_register(offset, value);
    model().start();
  }

  RunState wait(std::chrono::milliseconds limit) override {
    const backends::DeviceBusy busy;
    const auto end = std::chrono::steady_clock::now() + limit;
    backends::ProgressMeter meter(progress_);
    RunProgress progress = model().progress();
    while (progress == RunProgress::kRunning) {
      progress = model().advance(kSlice);
      meter.update(model().run_cycles());
      if (progress == RunProgress::kRunning && stop_ && stop_())
        return fail(RunState::kStopped, "the program was asked to stop");
      if (progress == RunProgress::kRunning && std::chrono::steady_clock::now() >= end) {
        return fail(RunState::kTimeout, "not done after " + std::to_string(limit.count()) + " ms and " +
                                            std::to_string(model().run_cycles()) + " simulated cycles");
      }
    }
    if (progress == RunProgress::kLimit)
      return fail(RunState::kTimeout, "not done after " + std::to_string(model().run_cycles()) + " cycles, the limit set");
    if (progress == RunProgress::kDone) {
      const std::string mismatch = model().cycle_mismatch();
      if (mismatch.empty()) return RunState::kDone;
      return fail(RunState::kFailed, mismatch);
    }
    return fail(RunState::kFailed, progress == RunProgress::kFailed ? model().error() : "no run was started");
  }

  std::string failure() const override { return failure_; }
  std::uint32_t read_register(std::uint32_t offset) override { return model().read_register(offset); }

 private:
  KernelModel& model() { return memory_->model; }
  void write(std::uint32_t offset, std::uint32_t value) { arguments_[offset] = value; }
  void check_alive() const {
    if (timed_out_) throw Error(ExitCode::kDeviceFailed, "the simulated device did not finish an earlier run; open it anew");
  }
  RunState fail(RunState state, const std::string& text) {
    failure_ = text;
    timed_out_ = state == RunState::kTimeout || state == RunState::kStopped;
    return state;
  }

  std::shared_ptr<DirectMemory> memory_;
  backends::ProgressFunction progress_;
  backends::StopFunction stop_;
  std::map<std::uint32_t, std::uint32_t> arguments_;  ///< register -> value
  std::string failure_;
  bool timed_out_ = false;
};

}  // namespace

std::unique_ptr<backends::Transport> open_direct_transport(const backends::TransportOptions& options) {
  return std::make_unique<DirectTransport>(options);
}

}  // namespace squat::sim
