// SPDX-License-Identifier: Apache-2.0
// An accelerator that computes nothing: it answers its registers and ends its runs with a status block that passes every
// check of the driver over logits and a cache of zeros, unless the script says otherwise.
#include <chrono>
#include <cstring>
#include <map>
#include <thread>

#include "host/engine/accelerator_limits.hpp"
#include "host/engine/status_block.hpp"
#include "host/model/crc32.hpp"
#include "host/model/error.hpp"
#include "sim/fake_device/fake_state.hpp"
#include "sim/sparse_memory.hpp"
#include "sim/xrt_emulation/device_model.hpp"

namespace squat::sim {
namespace {

constexpr std::size_t kStatusBytes = engine::kStatusUnits * 16;

class FakeModel final : public DeviceModel {
 public:
  FakeModel(const XclbinView& view, unsigned device) : device_(device) {
    for (const XclbinBank& bank : view.banks) {
      if (bank.used) memory_.add_bank(bank.base, bank.bytes);
    }
    const spec::Config& config = spec::kConfigs.front();
    registers_ = {{spec::kRegId, spec::kId},
                  {spec::kRegSpecHash, static_cast<std::uint32_t>(spec::kSpecHash)},
                  {spec::kRegSpecHash + 4, static_cast<std::uint32_t>(spec::kSpecHash >> 32)},
                  {spec::kRegCaps, config.rows | config.columns << 8 | config.bands << 16 | 4U << 20},
                  {spec::kRegCapsAsram, config.asram_depth},
                  {spec::kRegCapsVsram, config.vsram_depth},
                  {spec::kRegCapsRing, config.ring_depth},
                  {spec::kRegCapsBias, config.bias_depth}};
    for (const auto& [offset, value] : FakeState::instance().registers()) registers_[offset] = value;
  }

  std::byte* find(std::uint64_t address, std::uint64_t bytes) override { return memory_.find(address, bytes); }
  std::uint32_t read_register(unsigned, std::uint32_t offset) override { return registers_[offset]; }
  void write_register(unsigned, std::uint32_t offset, std::uint32_t value) override { registers_[offset] = value; }

  bool runs_at_once() const override { return true; }

  void start(unsigned) override {
    looks_ = 0;
    rule_ = FakeState::instance().next(device_, "run");
    if (rule_ && rule_->action == FakeAction::kUnplug) FakeState::instance().unplug(device_);
    started_ = Clock::now();
  }

  RunProgress advance(unsigned) override {
    if (rule_) {
      switch (rule_->action) {
        case FakeAction::kUnplug:
        case FakeAction::kNever:
          return rest();
        case FakeAction::kLate:
          if (Clock::now() - started_ < std::chrono::milliseconds(rule_->number)) return rest();
          break;
        case FakeAction::kError:
          return RunProgress::kFailed;
        case FakeAction::kTimeout:
          return RunProgress::kLimit;
        case FakeAction::kStale:
          return RunProgress::kDone;
        default:
          break;
      }
    }
    return write_status() ? RunProgress::kDone : RunProgress::kFailed;
  }

  void abandon(unsigned) override {}
  std::string error(unsigned) override { return "the fake device's script says so"; }

 private:
  using Clock = std::chrono::steady_clock;

  /// A run that goes on does not keep a processor busy, and the call that started it does not wait for it.
  RunProgress rest() {
    if (looks_++ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return RunProgress::kRunning;
  }

  std::uint64_t pointer(std::uint32_t offset) {
    return registers_[offset] | static_cast<std::uint64_t>(registers_[offset + 4]) << 32;
  }

  bool write_status() {
    const std::uint64_t bytes = std::uint64_t{registers_[spec::kRegIoUnits]} * 16;
    if (bytes < kStatusBytes) return false;
    std::byte* found = memory_.find(pointer(spec::kRegIo), bytes);
    if (found == nullptr) return false;
    // The logits lie somewhere in it.
    std::memset(found, 0, bytes);
    auto* block = reinterpret_cast<std::uint8_t*>(found + bytes - kStatusBytes);
    if (rule_ && rule_->action == FakeAction::kGarbage) {
      for (std::size_t i = 0; i < kStatusBytes; ++i) block[i] = static_cast<std::uint8_t>(i * 37 + 11);
      return true;
    }
    const std::uint32_t done = registers_[spec::kRegCmdCount];
    std::memcpy(block + 8, &done, sizeof done);
    const std::uint32_t crc = model::crc32(block, engine::kStatusCrcOffset);
    std::memcpy(block + kStatusBytes - 4, &crc, sizeof crc);
    return true;
  }

  unsigned device_;
  SparseMemory memory_;
  std::map<std::uint32_t, std::uint32_t> registers_;
  std::optional<FakeRule> rule_;
  Clock::time_point started_;
  unsigned looks_ = 0;  ///< at the current run
};

}  // namespace

std::unique_ptr<DeviceModel> make_device_model(const XclbinView& view, unsigned device) {
  return std::make_unique<FakeModel>(view, device);
}

}  // namespace squat::sim
