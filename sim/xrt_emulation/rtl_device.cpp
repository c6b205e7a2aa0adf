// SPDX-License-Identifier: Apache-2.0
// A device of simulated RTL: the kernel of this library once per compute unit, all on one memory.
#include <vector>

#include "host/model/error.hpp"
#include "sim/xrt_emulation/device_model.hpp"

namespace squat::sim {
namespace {

constexpr std::uint64_t kSlice = 2048;  ///< cycles between two looks at the commands that wait

class RtlDevice final : public DeviceModel {
 public:
  RtlDevice(const XclbinView& view, const backends::SimulationOptions& options) {
    for (const XclbinBank& bank : view.banks) {
      if (bank.used) memory_.add_bank(bank.base, bank.bytes);
    }
    for (const XclbinUnit& unit : view.units) {
      units_.push_back(std::make_unique<KernelModel>(make_kernel_core(options.config), options, &memory_, unit.handshake));
    }
  }

  std::byte* find(std::uint64_t address, std::uint64_t bytes) override { return memory_.find(address, bytes); }
  std::uint32_t read_register(unsigned unit, std::uint32_t offset) override { return units_[unit]->read_register(offset); }
  void write_register(unsigned unit, std::uint32_t offset, std::uint32_t value) override {
    units_[unit]->write_register(offset, value);
  }
  void start(unsigned unit) override { units_[unit]->start(); }

  RunProgress advance(unsigned unit) override {
    KernelModel& model = *units_[unit];
    mismatch_.clear();
    const RunProgress progress = model.advance(kSlice);
    if (progress != RunProgress::kDone) return progress;
    mismatch_ = model.cycle_mismatch();
    return mismatch_.empty() ? RunProgress::kDone : RunProgress::kFailed;
  }

  void abandon(unsigned unit) override { units_[unit]->abandon(); }

  std::string error(unsigned unit) override {
    const KernelModel& model = *units_[unit];
    if (!mismatch_.empty()) return mismatch_;
    const std::string cycles = std::to_string(model.run_cycles());
    if (model.progress() == RunProgress::kLimit) return "not done after " + cycles + " cycles, the limit set";
    const std::string broken = model.error();
    return broken.empty() ? "aborted after " + cycles + " simulated cycles" : broken;
  }

 private:
  SparseMemory memory_;  // first: the units use it
  std::vector<std::unique_ptr<KernelModel>> units_;
  std::string mismatch_;  ///< of the unit that ended last
};

}  // namespace

std::unique_ptr<DeviceModel> make_device_model(const XclbinView& view, unsigned) {
  return std::make_unique<RtlDevice>(view, backends::options_from_environment());
}

}  // namespace squat::sim
