// SPDX-License-Identifier: Apache-2.0
// An accelerator that only knows how long a pass takes: the same command list as the others, cycles from the model of its
// timing (docs/reference/cycles.md), no numbers. Logits stay zero.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/backends/xrt/ddr_parameters.hpp"
#include "host/engine/kernel_link.hpp"
#include "host/estimate/pass_model.hpp"

namespace squat::estimate {

class EstimateLink : public engine::KernelLink {
 public:
  /// limits: those of the accelerator whose timing is predicted.
  explicit EstimateLink(const backends::DdrParameters& ddr, const engine::AcceleratorLimits& limits = {})
      : ddr_(ddr), limits_(limits) {}

  std::string name() const override { return "estimate"; }
  engine::AcceleratorLimits limits() const override { return limits_; }
  std::string cycle_source() const override { return "estimated"; }
  void prepare(const engine::BufferSizes& sizes, const WriteWeights& write) override;
  /// Throws squat::Error (usage): there is no cache.
  const std::uint8_t* read_cache(engine::ByteRange range) override;
  std::uint8_t* io() override { return io_.data(); }
  /// Writes the status block a kernel would write, and the profile records when asked.
  void run(const engine::KernelStart& start) override;

 private:
  backends::DdrParameters ddr_;
  engine::AcceleratorLimits limits_;
  std::vector<std::uint8_t> io_;
};

/// 8-bit tokens that every tclm command of the list decides; 0 for other commands. Rules that look at token scores get equal
/// ones: their share is that of the rule, not of a text.
std::vector<unsigned> table_widths(const std::vector<spec::Record>& records);

}  // namespace squat::estimate
