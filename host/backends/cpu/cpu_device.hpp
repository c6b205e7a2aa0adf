// SPDX-License-Identifier: Apache-2.0
// The forward pass on the host's processor, bit-identical to the reference.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/backends/cpu/cpu_attention.hpp"
#include "host/backends/cpu/gemm.hpp"
#include "host/engine/device.hpp"

namespace squat::backends {

class CpuDevice final : public engine::Device {
 public:
  /// The model must outlive the device.
  explicit CpuDevice(const model::IntegerModel& model);

  std::string name() const override { return "cpu"; }
  const model::IntegerModel& model() const override { return model_; }
  void reset() override;
  int position() const override { return position_; }
  engine::PassResult run(const std::vector<int>& ids, engine::RowRange rows) override;
  bool set_tap(engine::Tap tap) override;
  engine::CachedLayer cached(int layer) override;

 private:
  void embed(const std::vector<int>& ids);
  /// Angles of the pass's positions, shared by all layers and heads.
  void prepare_rope(int tokens);
  void layer(int l);
  void attention(int l, const model::IntLayer& w);
  void mlp(int l, const model::IntLayer& w);
  /// codes_ = silu(gate_) * up, up in accumulators_.
  void gated(const model::IntLayer& w);
  /// codes_ = gelu(accumulators_), GPT-2.
  void ungated(const model::IntLayer& w);
  /// codes_ = norm of `rows` residual rows from row `first` on.
  void norm(const model::IntNorm& n, int first, int rows, bool all_eight);
  /// accumulators_ = w * codes_, bias included.
  void project(const model::IntMatrix& w);
  /// Rotated codes of accumulators_ into q_ (keys == nullptr) or into the cache.
  void rotate(int heads, hls::Requant r, std::vector<std::int8_t>* keys);
  void store_values(const std::vector<std::int32_t>& raw, hls::Requant r, std::vector<std::int8_t>& values);
  void add_residual(hls::Requant r);
  int tokens() const { return static_cast<int>(widths_.size()); }
  /// Rows `first` to `last` - 1 of one half of a layer's cache, positions outermost.
  std::vector<std::int8_t> rows_of(const std::vector<std::int8_t>& half, int first, int last) const;

  template <typename Tensor>
  void show(int layer, const char* name, const Tensor& tensor) const {
    if (tap_) tap_(layer, name, std::vector<std::int32_t>(tensor.begin(), tensor.end()));
  }

  const model::IntegerModel& model_;
  std::vector<cpu::LayerCache> cache_;
  int position_ = 0;
  engine::Tap tap_;

  // The pass in flight.
  std::vector<std::int32_t> residual_;             ///< (T, hidden)
  std::vector<std::uint8_t> widths_;               ///< (T), 1 = 8 bit
  std::vector<std::int32_t> angles_;               ///< (T, head_dim/2, 2): cos, sin
  cpu::WideCodes codes_, q_;                       ///< input of the next product; queries
  std::vector<std::int32_t> accumulators_, gate_;  ///< (T, rows of the last product)
  cpu::AttentionPass attention_;
};

}  // namespace squat::backends
