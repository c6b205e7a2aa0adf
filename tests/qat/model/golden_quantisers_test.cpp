// SPDX-License-Identifier: Apache-2.0
// The quantisers forward and backward against the published modules run in PyTorch (single precision).
#include <fstream>

#include "qat/quant/scale_start.hpp"
#include "qat/tensor/kernels.hpp"
#include "tests/qat/model/golden.hpp"

namespace squat {
namespace {

using nlohmann::json;
using qat::Grid;
using qat::GridSums;

constexpr double kTolerance = 2e-5;

template <typename S>
std::vector<S> numbers(const json& list) {
  std::vector<S> out;
  for (const json& v : list) out.push_back(static_cast<S>(v.get<double>()));
  return out;
}

/// Elements that lie within 1e-5 of a tie between two codes may go either way in another precision.
bool near_tie(double v) { return std::fabs(std::fabs(v - std::floor(v)) - 0.5) < 1e-5; }

template <typename S>
struct Rounded {
  std::vector<S> y, gx;
  GridSums sums;
};

template <typename S>
Rounded<S> run(std::vector<S> x, const std::vector<S>& gy, Grid<S> grid) {
  const int n = static_cast<int>(x.size());
  Rounded<S> r{std::vector<S>(x.size()), std::vector<S>(x.size()), {}};
  qat::kernels<S>().round(x.data(), n, 1, n, grid, r.y.data(), n);
  qat::kernels<S>().round_back(x.data(), n, gy.data(), n, 1, n, grid, r.gx.data(), n, true, &r.sums);
  CHECK(x == r.y);
  return r;
}

Grid<double> grid_of(double scale, double zero, int bits, bool is_signed) {
  const int half = 1 << (bits - 1);
  return {scale, std::nearbyint(zero), is_signed ? -half : 0.0, is_signed ? half - 1.0 : 2 * half - 1.0};
}

void check_elements(const std::vector<double>& found, const std::vector<double>& expected, const std::vector<double>& x,
                    const Grid<double>& grid) {
  double largest = 0;
  for (const double e : expected) largest = std::max(largest, std::fabs(e));
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (near_tie(x[i] / grid.scale)) continue;
    CHECK(std::fabs(found[i] - expected[i]) <= kTolerance * std::max(largest, 1e-9));
  }
}

void check_scalar(double found, double expected) {
  CHECK(std::fabs(found - expected) <= kTolerance * std::max(1.0, std::fabs(expected)));
}

void activation_case(const json& c) {
  const auto x = numbers<double>(c.at("x")), gy = numbers<double>(c.at("grad_out"));
  const int bits = c.at("bits");
  const bool is_signed = c.at("signed");
  const Grid<double> grid = grid_of(c.at("alpha"), c.at("zero_point"), bits, is_signed);
  if (c.at("mode") == "init") {
    const double scale =
        qat::start_scale(qat::ScaleStart::kPublished, x.data(), x.size(), static_cast<int>(grid.lo), static_cast<int>(grid.hi));
    check_scalar(scale, c.at("alpha"));
    check_scalar(qat::start_zero_point(x.data(), x.size(), scale, static_cast<int>(grid.lo)), c.at("zero_point"));
  }
  const Rounded<double> r = run(x, gy, grid);
  const double g = qat::scale_gradient_factor(qat::ScaleGradient::kLsq, static_cast<double>(x.size()), grid.hi);
  check_elements(r.y, numbers<double>(c.at("y")), x, grid);
  check_elements(r.gx, numbers<double>(c.at("grad_x")), x, grid);
  check_scalar(r.sums.scale * g, c.at("grad_alpha"));
  check_scalar(r.sums.zero * g, c.at("grad_zero_point"));
}

void symmetric_case(const json& c) {
  const auto x = numbers<double>(c.at("x"));
  const std::vector<double> gy =
      c.contains("grad_out") ? numbers<double>(c.at("grad_out")) : std::vector<double>(x.size(), 1.0);
  const Grid<double> grid = grid_of(c.at("alpha"), 0, c.at("bits"), true);
  const Rounded<double> r = run(x, gy, grid);
  if (c.at("kind") == "TiesBoundaries") {  // every element lies on a tie or a boundary: exact
    CHECK(r.y == numbers<double>(c.at("y")));
    CHECK(r.gx == numbers<double>(c.at("grad_x")));
    const Rounded<float> narrow = run(numbers<float>(c.at("x")), std::vector<float>(x.size(), 1.0f), Grid<float>{1, 0, -8, 7});
    CHECK(narrow.y == numbers<float>(c.at("y")));
    CHECK(narrow.gx == numbers<float>(c.at("grad_x")));
    CHECK(std::fabs(narrow.sums.scale - c.at("grad_alpha_unscaled").get<double>()) < 1e-4);
  } else {
    check_elements(r.y, numbers<double>(c.at("y")), x, grid);
    check_elements(r.gx, numbers<double>(c.at("grad_x")), x, grid);
    const double g = qat::scale_gradient_factor(qat::ScaleGradient::kLsq, static_cast<double>(x.size()), grid.hi);
    check_scalar(r.sums.scale * g, c.at("grad_alpha_lsq_scaled"));
  }
  CHECK(qat::scale_gradient_factor(qat::ScaleGradient::kNone, 60, grid.hi) == 1.0);
  check_scalar(r.sums.scale, c.at("grad_alpha_unscaled"));
}

/// y = x w^T with w rounded: the product of the codes and one scale.
void linear_case(const json& c) {
  const auto w = numbers<double>(c.at("w")), x = numbers<double>(c.at("x")), gy = numbers<double>(c.at("grad_out"));
  const int out = c.at("w_shape")[0], in = c.at("w_shape")[1], rows = c.at("x_shape")[0];
  Grid<double> grid{c.at("alpha"), 0, c.at("Qn"), c.at("Qp")};
  if (c.at("alpha_initialised_by_module")) {
    check_scalar(
        qat::start_scale(qat::ScaleStart::kPublished, w.data(), w.size(), static_cast<int>(grid.lo), static_cast<int>(grid.hi)),
        c.at("alpha"));
  }
  const auto& k = qat::kernels<double>();
  std::vector<double> gw(w.size()), gx(x.size()), y(gy.size());
  k.gemm(true, false, out, in, rows, gy.data(), out, x.data(), in, gw.data(), in, false);
  const Rounded<double> r = run(w, gw, grid);
  std::vector<double> codes(r.y);
  for (double& v : codes) v /= grid.scale;
  check_elements(codes, numbers<double>(c.at("w_int")), w, grid);
  k.gemm(false, true, rows, out, in, x.data(), in, r.y.data(), in, y.data(), out, false);
  k.gemm(false, false, rows, in, out, gy.data(), out, r.y.data(), in, gx.data(), in, false);
  CHECK(test::relative_difference(y.data(), numbers<double>(c.at("y")).data(), y.size()) < kTolerance);
  CHECK(test::relative_difference(gx.data(), numbers<double>(c.at("grad_x")).data(), gx.size()) < kTolerance);
  check_elements(r.gx, numbers<double>(c.at("grad_w")), w, grid);
  const double g = qat::scale_gradient_factor(qat::ScaleGradient::kLsq, static_cast<double>(w.size()), grid.hi);
  check_scalar(g, c.at("grad_scale_g"));
  check_scalar(r.sums.scale * g, c.at("grad_alpha"));
}

}  // namespace

TEST_CASE("quantisers equal the published modules", "[golden]") {
  for (const auto& path : test::golden_files("quantisers", ".json")) {
    std::ifstream stream(path);
    const json file = json::parse(stream);
    for (const json& c : file.at("cases")) {
      const std::string kind = c.at("kind");
      INFO(path.string() << " " << kind << " seed " << c.value("seed", 0));
      if (kind == "ActQ") {
        activation_case(c);
      } else if (kind == "LinearQ") {
        linear_case(c);
      } else {
        symmetric_case(c);
      }
    }
  }
}

TEST_CASE("scales start as configured") {
  const std::vector<float> x = {-2.0f, 1.0f, 0.5f, 0.5f};
  CHECK(qat::start_scale(qat::ScaleStart::kAbsMax, x.data(), x.size(), -8, 7) == Approx(2.0 / 7));
  CHECK(qat::start_scale(qat::ScaleStart::kPublished, x.data(), x.size(), -8, 7) == Approx(2.0 / std::sqrt(7.0)));
  const double best = qat::start_scale(qat::ScaleStart::kMse, x.data(), x.size(), -8, 7);
  CHECK(best > 0.2);
  CHECK(best < 0.3);
  const std::vector<float> zeros(8, 0.0f);
  for (const auto start : {qat::ScaleStart::kAbsMax, qat::ScaleStart::kPublished, qat::ScaleStart::kMse}) {
    CHECK(qat::start_scale(start, zeros.data(), zeros.size(), -8, 7) == 1.0);
  }
}

}  // namespace squat
