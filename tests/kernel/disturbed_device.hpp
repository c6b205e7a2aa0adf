// SPDX-License-Identifier: Apache-2.0
// Everything a sequence of passes leaves behind: what two devices, or two runs of one, must agree in.
#pragma once

#include <vector>

#include "host/backends/ref/ref_device.hpp"
#include "host/engine/accelerator_device.hpp"
#include "host/model/error.hpp"
#include "tests/kernel/disturbed_link.hpp"
#include "tests/support/compare_devices.hpp"

namespace squat::test {

struct Outcome {
  std::vector<std::vector<std::int32_t>> logits;  ///< per pass, all rows
  std::vector<std::vector<std::uint32_t>> eight;  ///< per pass and layer: the width report
  std::vector<std::vector<std::int8_t>> cache;    ///< per layer: keys, values

  bool operator==(const Outcome& o) const { return logits == o.logits && eight == o.eight && cache == o.cache; }
};

/// Runs passes of the given sizes from position 0.
inline Outcome run_passes(engine::Device& device, const std::vector<int>& passes) {
  Outcome out;
  device.reset();
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const std::vector<int> ids = random_ids(passes[i], device.model().config.vocab_size, static_cast<unsigned>(i) + 1);
    engine::PassResult result = device.run(ids, engine::RowRange::kAll);
    out.logits.push_back(std::move(result.logits));
    out.eight.push_back(std::move(result.eight_tokens_per_layer));
  }
  for (int l = 0; l < device.model().config.layers; ++l) {
    engine::CachedLayer layer = device.cached(l);
    out.cache.push_back(std::move(layer.keys));
    out.cache.push_back(std::move(layer.values));
  }
  return out;
}

inline constexpr std::uint32_t kFoundByHost = 0xffffffffU;

/// An accelerator on a memory that a test disturbs, and what it must compute by the reference.
class DisturbedDevice {
 public:
  DisturbedDevice(const model::IntegerModel& m, std::vector<int> passes, unsigned seed, const Stalls& reads = {},
                  const Stalls& writes = {}, const std::string& config = "sim")
      : passes_(std::move(passes)) {
    backends::RefDevice ref(m);
    expected_ = run_passes(ref, passes_);
    auto owned = std::make_unique<DisturbedLink>(seed, reads, writes, config);
    link_ = owned.get();
    device_ = std::make_unique<engine::AcceleratorDevice>(m, std::move(owned), "sim");
  }

  DisturbedLink& link() { return *link_; }
  bool right() const { return right_; }
  /// All passes from a memory full of noise give the reference's bits.
  void require_clean() {
    link_->forget();
    REQUIRE((run_passes(*device_, passes_) == expected_));
  }
  /// Runs the passes, with the disturbance in pass `at`. Returns the status register, 0 after a reset; `ended` tells whether
  /// the pass came to a good end all the same. right(): with the logits and widths of the reference.
  std::uint32_t run_disturbed(std::size_t at, const Disturbance& disturbance, bool& ended) {
    return run_disturbed(at, disturbance, ended, at);
  }
  /// The same, with the passes up to `last` behind the disturbed one; right() then says so of all of them.
  std::uint32_t run_disturbed(std::size_t at, const Disturbance& disturbance, bool& ended, std::size_t last) {
    link_->forget();
    device_->reset();
    right_ = true;
    try {
      for (std::size_t i = 0; i <= last; ++i) {
        if (i == at) link_->next = disturbance;
        const engine::PassResult result = device_->run(
            random_ids(passes_[i], device_->model().config.vocab_size, static_cast<unsigned>(i) + 1), engine::RowRange::kAll);
        right_ = right_ && result.logits == expected_.logits[i] && result.eight_tokens_per_layer == expected_.eight[i];
      }
      ended = true;
      return 0;
    } catch (const RunEnded& e) {
      ended = false;
      return e.status;
    } catch (const squat::Error& e) {  // found by the host
      REQUIRE(e.code() == ExitCode::kDeviceFailed);
      ended = false;
      return kFoundByHost;
    }
  }

 private:
  std::vector<int> passes_;
  Outcome expected_;
  bool right_ = false;
  DisturbedLink* link_ = nullptr;
  std::unique_ptr<engine::AcceleratorDevice> device_;
};

}  // namespace squat::test
