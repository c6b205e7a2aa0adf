// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/squat_sc.hpp"

#include <cstring>

#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::sim {
namespace {

constexpr unsigned kRegisterCycles = 8;  ///< charged for one register access
constexpr std::uint64_t kRegisterBytes = 0x1000;

}  // namespace

SquatSc::SquatSc(const sc_core::sc_module_name& name, sc_core::sc_time clock_period, const SimulationOptions& options)
    : sc_core::sc_module(name),
      registers("registers"),
      memory("memory"),
      interrupt("interrupt"),
      memory_access_(memory),
      period_(clock_period),
      options_(options),
      model_(std::make_unique<KernelModel>(make_kernel_core(options_.config), options_, &memory_access_)) {
  registers.register_b_transport(this, &SquatSc::access);
  SC_HAS_PROCESS(SquatSc);
  SC_THREAD(run);
  SC_METHOD(show_interrupt);
  sensitive << changed_;
}

bool SquatSc::intercept(bool write, std::uint32_t offset, std::uint32_t& value) {
  std::uint32_t* shadow = offset == spec::kRegGie ? &gie_ : offset == spec::kRegIer ? &ier_ : nullptr;
  if (shadow == nullptr) return false;
  if (write)
    *shadow = value & 1;
  else
    value = *shadow;
  return true;
}

void SquatSc::access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (payload.get_data_length() != 4 || payload.get_byte_enable_ptr() != nullptr || payload.get_address() % 4 != 0) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (payload.get_address() >= kRegisterBytes) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const auto offset = static_cast<std::uint32_t>(payload.get_address());
  std::uint32_t value = 0;
  busy_.lock();
  const bool write = payload.is_write();
  if (write) std::memcpy(&value, payload.get_data_ptr(), 4);
  if (!intercept(write, offset, value)) {
    if (write)
      model_->write_register(offset, value);
    else
      value = model_->read_register(offset);
  }
  if (!write) std::memcpy(payload.get_data_ptr(), &value, 4);
  const bool running = model_->progress() == RunProgress::kRunning;
  busy_.unlock();
  if (running) started_.notify();
  changed_.notify(sc_core::SC_ZERO_TIME);
  delay += kRegisterCycles * period_;
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void SquatSc::run() {
  for (;;) {
    wait(started_);
    RunProgress progress = RunProgress::kRunning;
    while (progress == RunProgress::kRunning) {
      const std::uint64_t before = model_->run_cycles();
      busy_.lock();
      progress = model_->advance(kSlice);
      busy_.unlock();
      wait(static_cast<double>(model_->run_cycles() - before) * period_);
    }
    changed_.notify(sc_core::SC_ZERO_TIME);
    if (progress == RunProgress::kFailed) SC_REPORT_ERROR("squat", model_->error().c_str());
    if (progress == RunProgress::kLimit) SC_REPORT_ERROR("squat", "the run reached the cycle limit");
  }
}

void SquatSc::show_interrupt() { interrupt.write(model_->interrupt() && gie_ != 0 && ier_ != 0); }

}  // namespace squat::sim
