// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/emulated_device.hpp"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <thread>

#include "host/model/error.hpp"

namespace squat::sim {
namespace {

constexpr std::uint32_t kFirstArgument = 0x10;  ///< registers below belong to the handshake
constexpr std::uint32_t kRegisterBytes = 0x1000;

}  // namespace

/// Holds the model for an access from outside the run, which makes room for it.
class EmulatedDevice::Access {
 public:
  explicit Access(EmulatedDevice& device) : device_(device) {
    ++device_.waiting_;
    lock_ = std::unique_lock<std::mutex>(device_.model_mutex_);
    --device_.waiting_;
    if (!device_.model_) throw Error(ExitCode::kDeviceFailed, "simulated device: no xclbin is loaded");
  }
  DeviceModel* operator->() { return device_.model_.get(); }

 private:
  EmulatedDevice& device_;
  std::unique_lock<std::mutex> lock_;
};

/// Counts its lifetime as time of the device.
class EmulatedDevice::Timer {
 public:
  explicit Timer(EmulatedDevice& device) : device_(device) {}
  ~Timer() { device_.device_time_ += (Clock::now() - start_).count(); }

 private:
  EmulatedDevice& device_;
  Clock::time_point start_ = Clock::now();
};

EmulatedDevice::EmulatedDevice(unsigned index) : index_(index), scheduler_(*this, buffers_) {}
EmulatedDevice::~EmulatedDevice() { scheduler_.stop(); }

void EmulatedDevice::load(const axlf* top) {
  const XclbinView view = view_xclbin(top);
  const Timer timer(*this);
  auto model = make_device_model(view, index_);
  buffers_.set_banks(view.banks);
  const std::lock_guard<std::mutex> lock(model_mutex_);
  model_ = std::move(model);
  at_once_ = model_->runs_at_once();
  units_ = static_cast<unsigned>(view.units.size());
}

std::byte* EmulatedDevice::device_bytes(std::uint64_t address, std::size_t bytes) {
  std::byte* found = model_->find(address, bytes);
  if (found == nullptr)
    std::fprintf(stderr, "squat simulation: ERROR: host copy of %zu bytes at 0x%" PRIx64 " is outside the device memory\n",
                 bytes, address);
  return found;
}

bool EmulatedDevice::copy_to_device(std::uint64_t address, const void* from, std::size_t bytes) {
  Access access(*this);
  std::byte* to = device_bytes(address, bytes);
  if (to == nullptr) return false;
  std::memcpy(to, from, bytes);
  after_copy(index_, HalCall::kUpload, reinterpret_cast<std::uint8_t*>(to), bytes);
  return true;
}

bool EmulatedDevice::copy_from_device(std::uint64_t address, void* to, std::size_t bytes) {
  Access access(*this);
  const std::byte* from = device_bytes(address, bytes);
  if (from == nullptr) return false;
  std::memcpy(to, from, bytes);
  after_copy(index_, HalCall::kDownload, static_cast<std::uint8_t*>(to), bytes);
  return true;
}

void EmulatedDevice::check_register(unsigned unit, std::uint32_t offset) const {
  if (unit < units_.load() && offset < kRegisterBytes && offset % 4 == 0) return;
  char text[160];
  std::snprintf(text, sizeof text,
                "simulated device: register 0x%x of compute unit %u: expected a multiple of 4 below 0x%x and a unit below %u",
                offset, unit, kRegisterBytes, units_.load());
  throw Error(ExitCode::kDeviceFailed, text);
}

std::uint32_t EmulatedDevice::read_register(unsigned unit, std::uint32_t offset) {
  check_register(unit, offset);
  Access model(*this);
  const Timer timer(*this);
  return model->read_register(unit, offset);
}

void EmulatedDevice::write_register(unsigned unit, std::uint32_t offset, std::uint32_t value) {
  check_register(unit, offset);
  Access model(*this);
  const Timer timer(*this);
  model->write_register(unit, offset, value);
}

int EmulatedDevice::open_context(unsigned unit, bool shared) {
  const std::lock_guard<std::mutex> lock(context_mutex_);
  if (unit != kVirtual) {
    if (unit >= units_.load()) return -EINVAL;
    for (const Context& other : contexts_) {
      if (other.unit == unit && !(shared && other.shared)) return -EBUSY;
    }
  }
  contexts_.push_back({unit, shared});
  return 0;
}

int EmulatedDevice::close_context(unsigned unit) {
  const std::lock_guard<std::mutex> lock(context_mutex_);
  const auto found = std::find_if(contexts_.begin(), contexts_.end(), [unit](const Context& c) { return c.unit == unit; });
  if (found == contexts_.end()) return -EINVAL;
  contexts_.erase(found);
  return 0;
}

std::size_t EmulatedDevice::open_contexts() const {
  const std::lock_guard<std::mutex> lock(context_mutex_);
  return contexts_.size();
}

unsigned EmulatedDevice::units() const { return units_.load(); }

void EmulatedDevice::start_run(unsigned unit, const std::uint32_t* registers, unsigned count) {
  Access model(*this);
  const Timer timer(*this);
  set_run_error("");
  for (std::uint32_t offset = kFirstArgument; offset / 4 < count; offset += 4)
    model->write_register(unit, offset, registers[offset / 4]);
  model->start(unit);
}

RunProgress EmulatedDevice::continue_run(unsigned unit) {
  // A mutex is not fair: without this, register reads would wait until the run is over.
  while (waiting_.load() != 0) std::this_thread::yield();
  const std::lock_guard<std::mutex> lock(model_mutex_);
  const Timer timer(*this);
  const RunProgress progress = model_->advance(unit);
  if (progress == RunProgress::kFailed || progress == RunProgress::kLimit) set_run_error(model_->error(unit));
  return progress;
}

void EmulatedDevice::abort_run(unsigned unit) {
  Access model(*this);
  model->abandon(unit);
  set_run_error(model->error(unit));
}

void EmulatedDevice::set_run_error(const std::string& text) {
  const std::lock_guard<std::mutex> lock(error_mutex_);
  run_error_ = text;
}

const char* EmulatedDevice::run_error() const {
  const std::lock_guard<std::mutex> lock(error_mutex_);
  return run_error_.c_str();
}

}  // namespace squat::sim
