// SPDX-License-Identifier: Apache-2.0
// The device behind --device arm-model: computes on this machine's processor, which decides the widths of tokens, under a name
// of its own; its times are those of host/arm_model/.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/backends/cpu/cpu_device.hpp"

namespace squat::devices {

class ArmModelDevice final : public engine::Device {
 public:
  explicit ArmModelDevice(const model::IntegerModel& model) : cpu_(model) {}

  std::string name() const override { return "arm-model"; }
  const model::IntegerModel& model() const override { return cpu_.model(); }
  void reset() override { cpu_.reset(); }
  int position() const override { return cpu_.position(); }
  engine::PassResult run(const std::vector<int>& ids, engine::RowRange rows) override { return cpu_.run(ids, rows); }
  bool set_tap(engine::Tap tap) override { return cpu_.set_tap(std::move(tap)); }
  engine::CachedLayer cached(int layer) override { return cpu_.cached(layer); }

 private:
  backends::CpuDevice cpu_;
};

}  // namespace squat::devices
