// SPDX-License-Identifier: Apache-2.0
// The forward pass on the host's processor, bit-identical to the reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/backends/cpu/codes.hpp"
#include "host/backends/cpu/cpu_attention.hpp"
#include "host/backends/cpu/packed_model.hpp"
#include "host/backends/cpu/thread_pool.hpp"
#include "host/backends/cpu/token_decoder.hpp"
#include "host/engine/device.hpp"

namespace squat::backends {

struct CpuOptions {
  std::string kernel = "auto";  ///< see cpu::choose_kernels
  int threads = 1;              ///< 1..256; the results do not depend on it
};

class CpuDevice final : public engine::Device {
 public:
  /// Packs the weights. The model must outlive the device. Throws an Error (device unavailable) when the processor lacks what
  /// the kernel needs.
  explicit CpuDevice(const model::IntegerModel& model, const CpuOptions& options = {});

  std::string name() const override { return "cpu"; }
  /// The kernel set in use.
  const char* kernel() const { return kernels_.name; }
  /// Bytes of weights that one token reads.
  std::size_t weight_bytes() const { return packed_.bytes(); }
  const model::IntegerModel& model() const override { return model_; }
  void reset() override;
  int position() const override { return position_; }
  engine::PassResult run(const std::vector<int>& ids, engine::RowRange rows) override;
  bool set_tap(engine::Tap tap) override;
  engine::CachedLayer cached(int layer) override;

 private:
  engine::PassResult decode(int id);
  /// Residual rows and angles of the tokens.
  void embed(const std::vector<int>& ids);
  void attention(int l);
  void mlp(int l);
  /// codes_ = norm of `rows` residual rows from row `first` on.
  void norm(const model::IntNorm& n, int first, int rows, bool all_eight);
  /// out (tokens, rows of w) = w * codes + bias for a thread's share of the rows, which is returned.
  cpu::Share project(const cpu::PackedMatrix& w, const cpu::Codes& codes, std::int32_t* out, int thread, int threads) const;
  /// Query and key codes of a key-value head, then scores and probabilities of its queries.
  void attend_head(int l, int kv_head);
  /// Value codes of a key-value head, then codes_ of its queries' channels.
  void weigh_head(int l, int kv_head);
  void rotate(const std::int32_t* acc, int token, hls::Requant r, std::int8_t* code) const;
  /// codes_ of a thread's share of the MLP's inner channels.
  void activate(const model::IntLayer& w, cpu::Share share);
  /// residual_ += accumulators_ in a thread's share of the channels.
  void add_residual(hls::Requant r, cpu::Share share);
  void sum_codes(cpu::Codes& codes) const;
  int tokens() const { return static_cast<int>(widths_.size()); }
  bool eight(int token) const { return widths_[static_cast<std::size_t>(token)] != 0; }
  bool all_four(int first, int count) const {
    return std::all_of(widths_.begin() + first, widths_.begin() + first + count, [](std::uint8_t eight) { return eight == 0; });
  }
  /// Keys or values of positions first .. last-1, positions outermost.
  std::vector<std::int8_t> cached_rows(int layer, bool keys, int first, int last) const;

  template <typename Tensor>
  void show(int layer, const char* name, const Tensor& tensor) const {
    if (tap_) tap_(layer, name, std::vector<std::int32_t>(tensor.begin(), tensor.end()));
  }

  void show(int layer, const char* name, const cpu::Codes& codes) const {
    if (tap_) tap_(layer, name, codes.values());
  }

  const model::IntegerModel& model_;
  const cpu::KernelSet& kernels_;
  const cpu::VectorUnits& units_;
  cpu::PackedModel packed_;
  cpu::KvCache cache_;
  std::vector<std::uint32_t> eight_tokens_;  ///< (layers): 8-bit tokens so far
  cpu::ThreadPool pool_;
  std::optional<cpu::TokenDecoder> decoder_;  ///< of single tokens, where it pays
  int position_ = 0;
  engine::Tap tap_;

  // The pass in flight. Buffers only grow.
  std::vector<std::int32_t> residual_;      ///< (T, hidden)
  std::vector<std::uint8_t> widths_;        ///< (T), 1 = 8 bit
  std::vector<std::uint32_t> token_score_;  ///< (T)
  std::vector<std::int32_t> cos_, sin_;     ///< (T, head_dim/2)
  cpu::Codes codes_, inner_;                ///< operands of products: of the hidden size, of the MLP's inner size
  std::vector<std::int32_t> accumulators_;  ///< (T, rows of the last product)
  std::vector<std::int32_t> q_acc_, k_acc_, v_acc_, gate_acc_;
  std::vector<std::int8_t> cache_code_;  ///< (kv_heads, head_dim): one key or value per head
  cpu::AttentionPass attention_;
};

}  // namespace squat::backends
