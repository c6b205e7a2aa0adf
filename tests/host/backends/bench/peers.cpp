// SPDX-License-Identifier: Apache-2.0
#include "tests/host/backends/bench/peers.hpp"

#include <cstdint>
#include <memory>

#ifdef SQUAT_HAVE_XNNPACK
#include <xnnpack.h>
#endif
#ifdef SQUAT_HAVE_GEMMLOWP
#include <public/gemmlowp.h>

#include <tuple>
#endif

namespace squat::bench {
namespace {

[[maybe_unused]] constexpr std::size_t kLargest = 1 << 16;  ///< rows and columns

[[maybe_unused]] std::size_t size(const Shape& s) {
  return static_cast<std::size_t>(s.rows) * static_cast<std::size_t>(s.columns);
}

[[maybe_unused]] double total(const std::vector<Shape>& shapes) {
  double sum = 0;
  for (const Shape& s : shapes) sum += static_cast<double>(size(s));
  return sum;
}

#ifdef SQUAT_HAVE_XNNPACK
struct DeleteOperator {
  void operator()(xnn_operator_t layer) const { xnn_delete_operator(layer); }
};

void add_xnnpack(std::vector<Peer>& out, const std::vector<Shape>& shapes, int copies) {
  struct State {
    std::vector<std::unique_ptr<xnn_operator, DeleteOperator>> layers;
    std::vector<std::int8_t> in = std::vector<std::int8_t>(kLargest, 3), result = std::vector<std::int8_t>(kLargest);
  };
  const auto state = std::make_shared<State>();
  if (xnn_initialize(nullptr) != xnn_status_success) return;
  for (std::size_t i = 0; i < shapes.size() * static_cast<std::size_t>(copies); ++i) {
    const Shape& s = shapes[i % shapes.size()];
    const auto rows = static_cast<std::size_t>(s.rows), columns = static_cast<std::size_t>(s.columns);
    const std::vector<std::int8_t> w(size(s), 5);
    const std::vector<std::int32_t> bias(rows, 0);
    xnn_operator_t layer = nullptr;
    if (xnn_create_fully_connected_nc_qs8(columns, rows, columns, rows, 0, 1.0F, 1.0F, w.data(), bias.data(), 0, 2048.0F, -128,
                                          127, 0, &layer) != xnn_status_success) {
      return;
    }
    state->layers.emplace_back(layer);
  }
  out.push_back({"XNNPACK, W8A8", total(shapes), [state, count = shapes.size()](int copy) {
                   for (std::size_t i = 0; i < count; ++i) {
                     xnn_operator_t layer = state->layers[static_cast<std::size_t>(copy) * count + i].get();
                     xnn_setup_fully_connected_nc_qs8(layer, 1, state->in.data(), state->result.data(), nullptr);
                     xnn_run_operator(layer, nullptr);
                   }
                 }});
}
#endif

#ifdef SQUAT_HAVE_GEMMLOWP
void add_gemmlowp(std::vector<Peer>& out, const std::vector<Shape>& shapes, int copies) {
  struct State {
    std::vector<std::vector<std::uint8_t>> weights;
    std::vector<std::uint8_t> in = std::vector<std::uint8_t>(kLargest, 131);
    std::vector<std::int32_t> result = std::vector<std::int32_t>(kLargest);
    gemmlowp::GemmContext context;
  };
  const auto state = std::make_shared<State>();
  state->context.set_max_num_threads(1);
  for (int copy = 0; copy < copies; ++copy) {
    for (const Shape& s : shapes) state->weights.emplace_back(size(s), std::uint8_t{133});
  }
  out.push_back(
      {"gemmlowp, W8A8", total(shapes), [state, shapes](int copy) {
         using gemmlowp::MapOrder;
         for (std::size_t i = 0; i < shapes.size(); ++i) {
           const gemmlowp::MatrixMap<const std::uint8_t, MapOrder::RowMajor> w(
               state->weights[static_cast<std::size_t>(copy) * shapes.size() + i].data(), shapes[i].rows, shapes[i].columns);
           const gemmlowp::MatrixMap<const std::uint8_t, MapOrder::ColMajor> x(state->in.data(), shapes[i].columns, 1);
           gemmlowp::MatrixMap<std::int32_t, MapOrder::ColMajor> y(state->result.data(), shapes[i].rows, 1);
           gemmlowp::GemmWithOutputPipeline<std::uint8_t, std::int32_t, gemmlowp::DefaultL8R8BitDepthParams>(
               &state->context, w, x, &y, -128, -128, std::make_tuple());
         }
       }});
}
#endif

}  // namespace

std::vector<Peer> peers([[maybe_unused]] const std::vector<Shape>& shapes, [[maybe_unused]] int copies) {
  std::vector<Peer> out;
#ifdef SQUAT_HAVE_XNNPACK
  add_xnnpack(out, shapes, copies);
#endif
#ifdef SQUAT_HAVE_GEMMLOWP
  add_gemmlowp(out, shapes, copies);
#endif
  return out;
}

}  // namespace squat::bench
