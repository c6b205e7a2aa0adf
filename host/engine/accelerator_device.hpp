// SPDX-License-Identifier: Apache-2.0
// The accelerator as a Device: one kernel start per pass, whatever is behind the link (RTL simulation, board, C++ program).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/engine/device.hpp"
#include "host/engine/kernel_link.hpp"
#include "host/engine/pass_compiler.hpp"

namespace squat::engine {

class AcceleratorDevice : public Device {
 public:
  /// Packs and uploads the weights. name: "sim", "fpga" or "estimate". The model must outlive the device.
  AcceleratorDevice(const model::IntegerModel& m, std::unique_ptr<KernelLink> link, std::string name);

  std::string name() const override { return name_; }
  const model::IntegerModel& model() const override { return m_; }
  void reset() override;
  int position() const override { return position_; }

  /// Splits a pass that does not fit the on-chip memories, unless the width rule ranks the whole pass.
  PassResult run(const std::vector<int>& ids, RowRange rows) override;

  /// Only behind a link that counts cycles.
  bool set_profile(bool on) override;

  /// Reads the cache back from device memory.
  CachedLayer cached(int layer) override;

  /// After a failure: opens the device again with the same weights and forgets all tokens. Throws as opening does; false when
  /// the link cannot.
  bool reopen() override;

  const KernelLink& link() const { return *link_; }
  /// Tokens that the cache and the on-chip memories hold, the model's positions at most.
  int context() const override { return context_; }
  int longest_whole_pass() const override;

 private:
  void prepare();
  void run_pass(const int* ids, int tokens, int logit_rows, PassResult& result);

  const model::IntegerModel& m_;
  std::unique_ptr<KernelLink> link_;
  std::string name_;
  int context_;
  WeightImage image_;
  KvPlan kv_;
  std::vector<std::uint32_t> eight_before_;
  int position_ = 0;
  bool profile_ = false;
};

}  // namespace squat::engine
