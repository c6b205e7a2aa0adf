// SPDX-License-Identifier: Apache-2.0
// The products of every kernel set that this processor runs against plain 64-bit loops: random shapes, operands between pages
// that nobody may touch, and results that leave the padding alone.
#include <random>
#include <vector>

#include "host/backends/cpu/kernel_choice.hpp"
#include "host/backends/cpu/packed_matrix.hpp"
#include "host/model/error.hpp"
#include "tests/catch.hpp"
#include "tests/host/backends/guarded.hpp"
#include "tests/oracle/exact.hpp"

using namespace squat;
using namespace squat::backends;

namespace {

constexpr int kShapes = 10000;
constexpr std::int32_t kUntouched = 0x5a5a5a5a;

enum class Kind { k4, k8, kValues };

struct Shape {
  Kind kind = Kind::k4;
  int rows = 1, cols = 1, tokens = 1;
  bool bias = false, extremes = false, at_end = true, four_bit = false;
};

class ProductDraw {
 public:
  explicit ProductDraw(unsigned seed) : random_(seed) {}
  int from(int low, int high) { return low + static_cast<int>(random_() % static_cast<unsigned>(high - low + 1)); }
  /// Any value of the range, or one of its ends.
  int code(int low, int high, bool extremes) { return !extremes ? from(low, high) : from(0, 1) == 0 ? low : high; }
  Shape shape() {
    Shape s;
    s.kind = static_cast<Kind>(from(0, 2));
    s.rows = from(1, from(0, 3) == 0 ? 140 : 40);
    s.cols = from(1, from(0, 19) == 0 ? 1100 : 130);
    s.tokens = from(0, 1) == 0 ? 1 : from(2, 19);
    s.bias = from(0, 1) == 0;
    s.extremes = from(0, 3) == 0;
    s.at_end = from(0, 3) != 0;
    s.four_bit = s.kind != Kind::kValues && from(0, 2) == 0;
    return s;
  }

 private:
  std::mt19937 random_;
};

/// The product of a shape by the kernel set and by loops; true if they agree everywhere.
bool agrees(const cpu::KernelSet& set, const Shape& s, ProductDraw& draw) {
  const bool values = s.kind == Kind::kValues;
  const int largest = s.kind == Kind::k4 ? 7 : 127;
  model::IntMatrix w;
  w.rows = s.rows;
  w.cols = s.cols;
  w.bits = s.kind == Kind::k4 ? 4 : 8;
  std::vector<int> weights;
  for (int i = 0; i < s.rows * s.cols; ++i) {
    weights.push_back(draw.code(-largest, largest, s.extremes));
    w.codes.push_back(static_cast<std::int8_t>(weights.back()));
  }
  if (s.bias) {
    for (int r = 0; r < s.rows; ++r) w.bias.push_back(draw.from(-1000000, 1000000));
  }
  cpu::KernelSet packing = set;
  if (values) packing.flip8 = set.flip_values;
  const cpu::PackedMatrix packed = cpu::pack(w, packing);

  // Codes: rows may be further apart than they are long; the last one ends with its padding.
  const std::size_t padded = static_cast<std::size_t>(cpu::round_up(s.cols, cpu::kColumnPad));
  const std::size_t stride = padded + static_cast<std::size_t>(draw.from(0, 9));
  const std::size_t tokens = static_cast<std::size_t>(s.tokens), rows = static_cast<std::size_t>(s.rows);
  std::vector<int> codes;
  std::vector<std::int8_t> code_bytes((tokens - 1) * stride + padded, 0);
  std::vector<std::int32_t> sums(tokens, 0);
  for (std::size_t t = 0; t < tokens; ++t) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(s.cols); ++c) {
      codes.push_back(values       ? draw.code(0, 255, s.extremes)
                      : s.four_bit ? 8 * draw.code(-8, 7, s.extremes)
                                   : draw.code(-128, 127, s.extremes));
      code_bytes[t * stride + c] = static_cast<std::int8_t>(codes.back());
      sums[t] += codes.back();
    }
  }
  const std::size_t out_stride = rows + static_cast<std::size_t>(draw.from(0, 5));
  test::Guarded<std::uint8_t> weight_memory({packed.data.get(), packed.data.get() + packed.bytes()}, s.at_end);
  test::Guarded<std::int8_t> code_memory(code_bytes, s.at_end);
  test::Guarded<std::int32_t> sum_memory(sums, s.at_end), bias_memory(w.bias, s.at_end);
  test::Guarded<std::int32_t> out(std::vector<std::int32_t>((tokens - 1) * out_stride + rows, kUntouched), s.at_end);

  cpu::Product p = cpu::product_of(packed, 0, packed.blocks);
  p.weights = weight_memory.data();
  p.bias = s.bias ? bias_memory.data() : nullptr;
  p.codes = code_memory.data();
  p.stride = stride;
  p.sums = sum_memory.data();
  p.tokens = s.tokens;
  p.four_bit = s.four_bit;
  p.out = out.data();
  p.out_stride = out_stride;
  (values ? set.product_values : s.kind == Kind::k4 ? set.product4 : set.product8)(p);

  const std::vector<std::int64_t> expected = oracle::gemm(weights, s.rows, s.cols, codes, s.tokens);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t t = i / out_stride, r = i % out_stride;
    const std::int64_t want = r >= rows ? kUntouched : expected[t * rows + r] + (s.bias ? w.bias[r] : 0);
    if (out[i] != want) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("every kernel set multiplies like plain loops", "[cpu][kernels]") {
  int tested = 0;
  for (const cpu::KernelSet* set : cpu::kernel_sets()) {
    if (!set->supported()) continue;
    INFO("kernel " << set->name);
    ProductDraw draw(static_cast<unsigned>(++tested));
    for (int i = 0; i < kShapes; ++i) {
      const Shape s = draw.shape();
      INFO("shape " << i << ": kind " << static_cast<int>(s.kind) << ", rows " << s.rows << ", columns " << s.cols
                    << ", tokens " << s.tokens << ", bias " << s.bias << ", 4-bit codes " << s.four_bit << ", extremes "
                    << s.extremes);
      REQUIRE(agrees(*set, s, draw));
    }
  }
  REQUIRE(tested >= 1);
}

TEST_CASE("the longest sums do not overflow", "[cpu][kernels]") {
  for (const cpu::KernelSet* set : cpu::kernel_sets()) {
    if (!set->supported()) continue;
    INFO("kernel " << set->name);
    ProductDraw draw(7);
    for (const Kind kind : {Kind::k4, Kind::k8, Kind::kValues}) {
      for (const int cols : {4096, 16384}) {
        Shape s;
        s.kind = kind;
        s.rows = 35;
        s.cols = cols;
        s.tokens = 9;
        s.extremes = true;
        REQUIRE(agrees(*set, s, draw));
        s.four_bit = kind != Kind::kValues;
        REQUIRE(agrees(*set, s, draw));
      }
    }
  }
}

TEST_CASE("kernel sets pass their self-test, and a wrong one does not", "[cpu][kernels]") {
  for (const cpu::KernelSet* set : cpu::kernel_sets()) {
    if (!set->supported()) continue;
    INFO("kernel " << set->name);
    CHECK(cpu::self_test(*set));
    CHECK(&cpu::choose_kernels(set->name) == set);
    cpu::KernelSet wrong = *set;
    wrong.flip8 ^= 0x80;
    CHECK_FALSE(cpu::self_test(wrong));
    wrong = *set;
    wrong.product8 = set->product_values;  // reads the same bytes, codes without sign
    CHECK_FALSE(cpu::self_test(wrong));
  }
}

TEST_CASE("a kernel that is not there is refused with those that are", "[cpu][kernels]") {
  try {
    cpu::choose_kernels("sse9");
    FAIL("expected an Error");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kDeviceUnavailable);
    const std::string text = error.what();
    CHECK(text.find("sse9") != std::string::npos);
    CHECK(text.find("scalar") != std::string::npos);
  }
}
