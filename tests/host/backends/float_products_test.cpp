// SPDX-License-Identifier: Apache-2.0
// FP16 and FP32 products of every set this processor has against sums in double precision, operands before forbidden pages.
#include <cmath>
#include <random>
#include <vector>

#include "host/backends/cpu/float_kernels.hpp"
#include "host/model/float_bytes.hpp"
#include "tests/catch.hpp"
#include "tests/host/backends/guarded.hpp"

using namespace squat;
using namespace squat::backends;

TEST_CASE("Float products of every set equal sums in double precision") {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  for (const cpu::FloatKernels* set : cpu::float_kernel_sets()) {
    if (!set->supported()) continue;
    for (int trial = 0; trial < 60; ++trial) {
      const int rows = 1 + static_cast<int>(random() % 21), columns = 16 * (1 + static_cast<int>(random() % 6));
      const int tokens = 1 + static_cast<int>(random() % 11);
      INFO(set->name << ": " << rows << " x " << columns << ", tokens " << tokens);
      const auto size = [](int a, int b) { return static_cast<std::size_t>(a) * static_cast<std::size_t>(b); };
      const int padded = (rows + 7) / 8 * 8;
      std::vector<float> real(size(rows, columns)), w_values(size(padded, columns)), x_values(size(tokens, columns));
      std::vector<std::uint16_t> halves(w_values.size());
      for (int r = 0; r < rows; ++r) {
        for (int c = 0; c < columns; ++c) {
          // Panels of 8 rows, 16 columns of each in turn.
          const std::size_t at =
              size(r / 8, 8 * columns) + size(c / 16, 8 * 16) + size(r % 8, 16) + static_cast<std::size_t>(c % 16);
          halves[at] = model::float_to_half(normal(random));
          w_values[at] = real[size(r, columns) + static_cast<std::size_t>(c)] = model::half_to_float(halves[at]);
        }
      }
      for (float& v : x_values) v = normal(random);
      test::Guarded<float> w(w_values, true), x(x_values, true), out(std::vector<float>(size(tokens, rows)), true);
      test::Guarded<std::uint16_t> half(halves, true);
      for (const bool wide : {false, true}) {
        cpu::FloatProduct p;
        p.weights = wide ? static_cast<const void*>(w.data()) : half.data();
        p.rows = rows;
        p.columns = columns;
        p.x = x.data();
        p.stride = static_cast<std::size_t>(columns);
        p.tokens = tokens;
        p.out = out.data();
        p.out_stride = static_cast<std::size_t>(rows);
        (wide ? set->single : set->half)(p);
        for (int t = 0; t < tokens; ++t) {
          for (int r = 0; r < rows; ++r) {
            double sum = 0, magnitude = 0;
            for (int c = 0; c < columns; ++c) {
              const double term = static_cast<double>(real[size(r, columns) + static_cast<std::size_t>(c)]) *
                                  static_cast<double>(x.data()[size(t, columns) + static_cast<std::size_t>(c)]);
              sum += term;
              magnitude += std::fabs(term);
            }
            const double got = static_cast<double>(out.data()[size(t, rows) + static_cast<std::size_t>(r)]);
            if (std::fabs(got - sum) > 1e-6 * (magnitude + 1))
              FAIL("token " << t << ", row " << r << ": " << got << ", " << sum);
          }
        }
      }
    }
  }
}
