// SPDX-License-Identifier: Apache-2.0
// The golden forward pass: every other device is compared with it. docs/reference/numbers.md in straight lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/backends/ref/ref_layer.hpp"
#include "host/engine/device.hpp"

namespace squat::backends {

class RefDevice final : public engine::Device {
 public:
  /// The model must outlive the device.
  explicit RefDevice(const model::IntegerModel& model);

  std::string name() const override { return "ref"; }
  const model::IntegerModel& model() const override { return model_; }
  void reset() override;
  int position() const override { return position_; }
  engine::PassResult run(const std::vector<int>& ids, engine::RowRange rows) override;
  bool set_tap(engine::Tap tap) override;
  engine::CachedLayer cached(int layer) override;

 private:
  /// One layer's memory of earlier tokens.
  struct LayerState {
    ref::Codes keys, values;  ///< (positions, kv_heads * head_dim), position order
    std::uint32_t eight = 0;  ///< 8-bit tokens so far
  };

  /// Residual rows of tokens from position_ on.
  ref::Wide embed(const std::vector<int>& ids) const;
  /// Runs layer l on the residual rows; widths: in, those of layer l-1; out, the layer's own.
  void layer(int l, ref::Wide& residual, ref::Widths& widths);
  ref::Wide logits(const ref::Wide& residual);

  template <typename Tensor>
  void show(int layer, const char* name, const Tensor& tensor) const {
    if (tap_) tap_(layer, name, std::vector<std::int32_t>(tensor.begin(), tensor.end()));
  }

  const model::IntegerModel& model_;
  std::vector<LayerState> state_;
  int position_ = 0;
  engine::Tap tap_;
};

}  // namespace squat::backends
