// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/emulated_device.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <thread>

#include "host/model/error.hpp"

namespace squat::sim {
namespace {

constexpr std::uint64_t kSlice = 2048;          ///< cycles for which a run keeps the model to itself
constexpr std::uint32_t kFirstArgument = 0x20;  ///< registers below belong to the handshake
constexpr std::uint32_t kLastArgument = 0x6c;   ///< XRT's register map also has holes and padding

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
  KernelModel* operator->() { return device_.model_.get(); }

 private:
  EmulatedDevice& device_;
  std::unique_lock<std::mutex> lock_;
};

EmulatedDevice::EmulatedDevice() : scheduler_(*this, buffers_) {}
EmulatedDevice::~EmulatedDevice() { scheduler_.stop(); }

void EmulatedDevice::load(const axlf* top) {
  const XclbinView view = view_xclbin(top);
  const backends::SimulationOptions options = backends::options_from_environment();
  auto model = std::make_unique<KernelModel>(make_kernel_core(options.config), options);
  for (const XclbinBank& bank : view.banks) {
    if (bank.used) model->memory().add_bank(bank.base, bank.bytes);
  }
  buffers_.set_banks(view.banks);
  const std::lock_guard<std::mutex> lock(model_mutex_);
  model_ = std::move(model);
}

std::byte* EmulatedDevice::device_bytes(std::uint64_t address, std::size_t bytes) {
  std::byte* found = model_->memory().find(address, bytes);
  if (found == nullptr)
    std::fprintf(stderr, "squat simulation: ERROR: host copy of %zu bytes at 0x%" PRIx64 " is outside the device memory\n",
                 bytes, address);
  return found;
}

bool EmulatedDevice::copy_to_device(std::uint64_t address, const void* from, std::size_t bytes) {
  Access access(*this);
  std::byte* to = device_bytes(address, bytes);
  if (to != nullptr) std::memcpy(to, from, bytes);
  return to != nullptr;
}

bool EmulatedDevice::copy_from_device(std::uint64_t address, void* to, std::size_t bytes) {
  Access access(*this);
  const std::byte* from = device_bytes(address, bytes);
  if (from != nullptr) std::memcpy(to, from, bytes);
  return from != nullptr;
}

std::uint32_t EmulatedDevice::read_register(std::uint32_t offset) { return Access(*this)->read_register(offset); }

void EmulatedDevice::write_register(std::uint32_t offset, std::uint32_t value) { Access(*this)->write_register(offset, value); }

void EmulatedDevice::start_run(const std::uint32_t* registers, unsigned count) {
  Access model(*this);
  set_run_error("");
  for (std::uint32_t offset = kFirstArgument; offset <= kLastArgument && offset / 4 < count; offset += 4)
    model->write_register(offset, registers[offset / 4]);
  model->start();
}

RunProgress EmulatedDevice::continue_run() {
  // A mutex is not fair: without this, register reads would wait until the run is over.
  while (waiting_.load() != 0) std::this_thread::yield();
  const std::lock_guard<std::mutex> lock(model_mutex_);
  const RunProgress progress = model_->advance(kSlice);
  if (progress == RunProgress::kFailed) set_run_error(model_->error());
  if (progress == RunProgress::kLimit)
    set_run_error("not done after " + std::to_string(model_->run_cycles()) + " cycles, the limit set");
  if (progress != RunProgress::kDone) return progress;
  const std::string mismatch = model_->cycle_mismatch();
  set_run_error(mismatch);
  return mismatch.empty() ? RunProgress::kDone : RunProgress::kFailed;
}

void EmulatedDevice::abort_run() {
  Access model(*this);
  set_run_error("aborted after " + std::to_string(model->run_cycles()) + " simulated cycles");
  model->abandon();
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
