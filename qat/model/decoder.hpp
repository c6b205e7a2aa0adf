// SPDX-License-Identifier: Apache-2.0
// LLaMA or GPT-2, plain or quantised, with hand-written gradients. The parts: decoder_forward.hpp, decoder_attention.hpp,
// decoder_backward.hpp, decoder_weights.hpp (rounding and gradients of matrices), decoder.cpp (one step).
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "qat/model/architecture.hpp"
#include "qat/model/language_model.hpp"
#include "qat/model/workspace.hpp"
#include "qat/tensor/kernels.hpp"
#include "qat/tensor/parallel.hpp"

namespace squat::qat {

template <typename S>
class Decoder : public BasicLanguageModel<S> {
 public:
  using GradientListener = typename BasicLanguageModel<S>::GradientListener;

  Decoder(const model::ModelConfig& config, const QuantConfig* quant);

  BasicParameterSet<S>& parameters() override { return parameters_; }
  const BasicParameterSet<S>& parameters() const override { return parameters_; }
  const model::ModelConfig& config() const override { return a_.config; }
  BatchResult forward_backward(const Batch& batch, const LossOptions& losses, const BasicTeacherSignals<S>* teachers,
                               bool backward) override;
  void forward(const Batch& batch, const OutputOptions& options, BasicModelOutputs<S>& outputs) override;
  void start_scales(const Batch& batch) override;
  void mark_started() override { started_ = true; }
  /// Scales that start_scales sets to these values whatever the batch holds.
  void preset_scales(std::vector<std::pair<std::size_t, S>> values) { presets_ = std::move(values); }
  void set_widths(const model::WidthPolicy& widths) override;
  void set_threads(int threads) override;
  void on_gradients(GradientListener listener) override { listener_ = std::move(listener); }
  void keep_residual_gradients(std::vector<std::vector<S>>* to) override { residual_gradients_ = to; }

  const std::optional<QuantConfig>& quant() const { return quant_; }
  const Architecture& architecture() const { return a_; }

 private:
  /// Everything a step shares between its tasks.
  struct Step {
    const Batch* batch = nullptr;
    const LossOptions* losses = nullptr;  ///< null: outputs only
    const BasicTeacherSignals<S>* teachers = nullptr;
    BasicModelOutputs<S>* outputs = nullptr;
    OutputOptions keep;
    bool backward = false;
    std::vector<double> teacher_weights;  ///< sum 1
    double ce_factor = 0, kl_factor = 0;  ///< of a row's gradient
    double entropy_factor = 0, distribution_factor = 0;
    std::vector<MapProducts> maps;  ///< per (layer, sequence, head)
    EntropyLoss entropy;
    DistributionLoss distribution;
  };
  /// Some consecutive sequences.
  struct Rows {
    int sequence = 0, sequences = 0;  ///< first, number
    std::size_t row = 0;              ///< first row
    int rows = 0;
  };
  /// Memory of one thread.
  struct Scratch {
    std::vector<std::uint8_t> codes;  ///< (rows, widest) codes of an input
    std::vector<S> row_scale;         ///< (rows)
    std::vector<S> input;             ///< (rows, widest) rounded input of a linear layer
    std::vector<S> operands;          ///< (rows, q + 2 kv) rounded q, k, v
    std::vector<S> grad;              ///< (rows, hidden) gradient of the residual stream
    std::vector<S> grad_in;           ///< (rows, widest) gradient of an input
    std::vector<S> grad_wide;         ///< (rows, q + 2 kv)
    std::vector<S> map, map_rounded;  ///< (T, T)
    std::vector<S> target, mixing;    ///< (vocab)
    std::vector<S> weight;            ///< a block of a matrix gradient
  };

  // One step.
  void check_batch(const Batch& batch) const;
  void check_teachers(const Batch& batch, const BasicTeacherSignals<S>& teachers, const LossOptions& losses) const;
  void prepare(const Batch& batch, bool gradients);
  Rows rows_of(int task) const;
  void run_forward(Step& step);
  void finish_losses(Step& step, BatchResult& result);
  void run_backward(Step& step);

  // Forward over some rows.
  void forward_rows(Step& step, const Rows& rows, Scratch& scratch);
  void embed(const Batch& batch, const Rows& rows, S* out) const;
  void attention_forward(Step& step, const Rows& rows, int layer, Scratch& scratch);
  void mlp_forward(Step& step, const Rows& rows, int layer, Scratch& scratch);
  void head_forward(Step& step, const Rows& rows, Scratch& scratch);
  void decide_widths(const Step& step, const Rows& rows, int layer);
  void compare_maps(Step& step, const Rows& rows, int layer, const S* operands, Scratch& scratch);
  void collect_moments(const Step& step, const Rows& rows, int layer, const S* operands);
  void raw_products(const S* q, const S* k, S* out) const;
  void reduce_sums(int parts);

  // Backward over some rows.
  void backward_rows(const Step& step, const Rows& rows, Scratch& scratch);
  void mlp_backward(const Rows& rows, int layer, S* grad, Scratch& scratch);
  void attention_backward(const Step& step, const Rows& rows, int layer, S* grad, Scratch& scratch);
  void map_backward(const Step& step, int layer, int sequence, int head, const S* operands, const S* grad_out, S* grads,
                    Scratch& scratch);
  void raw_map_backward(const Step& step, int layer, int sequence, int head, const S* operands, S* grads, Scratch& scratch);

  // Parts used by both.
  void norm_forward(const Norm& norm, const S* u, int rows, S* y, S* mean, S* inverse) const;
  void norm_backward(const Norm& norm, const S* u, const S* mean, const S* inverse, const S* dy, const Rows& rows, S* du);
  void bias_backward(std::ptrdiff_t bias, const S* grad, const Rows& rows, int width);
  void multiply(const Linear& x, const S* in, int rows, S* out, bool accumulate) const;
  /// out = or += the rounded x (rows, in) times the rounded weights; on codes where the machine can, else on rounded values.
  void multiply_rounded(SiteState& site, const Linear& linear, S* x, int rows, const std::uint8_t* eight, S* out,
                        bool accumulate, Scratch& scratch);
  bool on_codes(const SiteState& site, const Linear& linear) const;
  void multiply_back(const Linear& x, const S* grad_out, int rows, S* grad_in) const;
  const S* weights(const Linear& x) const;
  /// Rounds x (rows, cols) at a site into `out`; without quantisation returns x itself. narrow: per row 0 = grid 1; may be
  /// null.
  const S* round_rows(SiteState& site, S* x, std::ptrdiff_t ld, int rows, int cols, const std::uint8_t* eight, S* out,
                      std::ptrdiff_t ldo);
  void round_rows_back(const SiteState& site, S* x, std::ptrdiff_t ld, const S* gy, std::ptrdiff_t ldg, int rows, int cols,
                       const std::uint8_t* eight, S* gx, std::ptrdiff_t ldgx, bool store, SiteSums& sums) const;
  /// The same for some sequences of a layer; gx = gy with the same `ld` each.
  void round_back(int layer, Site site, const Rows& rows, S* x, std::ptrdiff_t ld, const S* gy, std::ptrdiff_t ldg, int cols,
                  const std::uint8_t* eight, S* gx, std::ptrdiff_t ldgx, bool store);
  /// Values of a grid, or with noise in training passes, by the rules of the method; alpha: index of the grid's scale.
  void to_grid(std::ptrdiff_t alpha, const S* x, std::ptrdiff_t ldx, int rows, int cols, Grid<S> grid, S* y,
               std::ptrdiff_t ldy) const;
  void to_grid_back(std::ptrdiff_t alpha, S* x, std::ptrdiff_t ldx, const S* gy, std::ptrdiff_t ldg, int rows, int cols,
                    Grid<S> grid, S* gx, std::ptrdiff_t ldgx, bool store, GridSums* sums) const;
  /// Widths of the input, q and k of a layer (the layer before decides), and of everything else; null: one width.
  const std::uint8_t* input_widths(int layer, std::size_t row);
  const std::uint8_t* own_widths(int layer, std::size_t row);
  bool mixed() const { return quant_ && quant_->widths.activations == model::Activations::kMixed; }
  SiteSums& site_sums(int sequence, int layer, Site site);
  S* vector_gradient(int sequence, std::size_t parameter);
  SiteState& site(int layer, Site s) { return a_.blocks[static_cast<std::size_t>(layer)].site(s); }

  // Matrices.
  enum class WeightKind { kQkv, kO, kExpand, kContract, kHead, kEmbedding, kPositions };
  struct WeightTask {
    const Linear* linear = nullptr;  ///< null for kEmbedding (untied) and kPositions
    std::size_t part = 0;
    int layer = 0;
    WeightKind kind = WeightKind::kHead;
    int first = 0, last = 0;  ///< rows of the matrix as stored
  };
  void list_weight_tasks();
  void round_weights();
  Grid<S> weight_grid(const WeightPart& part) const;
  void weight_gradient(const WeightTask& task, std::vector<S>& scratch, GridSums& sums);
  void add_embedding_rows(const WeightTask& task, S* out) const;
  void sparse_embedding_gradient(const WeightTask& task, std::vector<S>& scratch, GridSums& sums);
  void position_gradient(const WeightTask& task, std::vector<S>& scratch);
  S* gradient_place(std::size_t offset, std::size_t count, std::vector<S>& scratch);
  void announce_matrices(std::size_t task);
  void finish_weight_gradient(const WeightPart& part, std::size_t offset, std::size_t count, S* gradient, GridSums& sums);
  void order_tokens(const Batch& batch);
  void start_weights();

  Architecture a_;
  std::optional<QuantConfig> quant_;
  BasicParameterSet<S> parameters_;
  std::vector<S> rounded_;  ///< matrices after rounding, at the offsets of the flat buffers
  struct Coded {
    std::vector<std::int8_t> packed;
    std::vector<std::int32_t> offsets;
  };
  std::vector<Coded> coded_;  ///< per parameter: codes of matrices that multiply_rounded uses
  std::vector<S> cosine_, sine_;
  int rotary_positions_ = 0;
  std::vector<std::pair<std::size_t, S>> presets_;
  bool started_ = false;
  bool starting_ = false;  ///< the running forward pass sets the scales
  bool noisy_ = false;     ///< the running pass adds noise instead of rounding
  std::uint64_t batch_number_ = 0;
  Workers workers_;
  Workspace<S> store_;
  std::vector<Scratch> scratch_;       ///< per worker
  std::vector<SequenceSums<S>> sums_;  ///< per sequence
  int tasks_ = 0;
  int sequences_per_task_ = 1;
  std::vector<WeightTask> weight_tasks_;
  bool fresh_ = true;  ///< the running pass is the first to write gradients
  GradientListener listener_;
  std::vector<std::vector<S>>* residual_gradients_ = nullptr;  ///< may be empty
  std::mutex announcing_;
  std::vector<bool> task_done_;            ///< per weight task
  std::size_t announced_ = 0;              ///< weight tasks before this one were announced
  std::vector<std::int32_t> token_order_;  ///< rows of the batch ordered by token, earlier rows first
  std::vector<std::int32_t> token_begin_;  ///< (vocab + 1): where a token's rows begin in token_order_
  const Kernels<S>& k_;
};

extern template class Decoder<float>;
extern template class Decoder<double>;

}  // namespace squat::qat
