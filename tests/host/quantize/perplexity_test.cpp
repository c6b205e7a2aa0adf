// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/perplexity.hpp"

#include <cmath>

#include "host/model/float_bytes.hpp"
#include "host/model/float_model.hpp"
#include "host/reference_float/float_reference.hpp"
#include "tests/host/support.hpp"

namespace squat::evaluate {

TEST_CASE("perplexity of known logits") {
  const std::vector<int> ids = {0, 1, 2, 3, 0, 1, 2, 3, 1};  // two windows of four, one id left over
  std::vector<float> flat(16, 3.0f);
  PerplexityOptions options;
  options.window = 4;
  const auto uniform = perplexity(
      ids, 4,
      [&](const int*, int) {
        return LogitsView{flat.data(), nullptr, 1.0};
      },
      options);
  CHECK(uniform.perplexity == Approx(4.0));
  CHECK(uniform.tokens == 6);
  CHECK(uniform.windows == 2);

  // The next id gets ln 2 more than the others: p = 2 / 5, as reals and as integers.
  std::vector<float> real(16, -7.0f);
  std::vector<std::int32_t> integer(16, -1000000);
  for (std::size_t t = 0; t < 3; ++t) {
    real[t * 4 + t + 1] += static_cast<float>(std::log(2.0));
    integer[t * 4 + t + 1] += 1000;
  }
  const auto a = perplexity(
      ids, 4,
      [&](const int*, int) {
        return LogitsView{real.data(), nullptr, 1.0};
      },
      options);
  CHECK(a.perplexity == Approx(2.5));
  const auto b = perplexity(
      ids, 4,
      [&](const int*, int) {
        return LogitsView{nullptr, integer.data(), std::log(2.0) / 1000};
      },
      options);
  CHECK(b.perplexity == Approx(2.5));

  options.max_windows = 1;
  CHECK(perplexity(
            ids, 4,
            [&](const int*, int) {
              return LogitsView{flat.data(), nullptr, 1.0};
            },
            options)
            .windows == 1);
  options.window = 10;
  CHECK_THAT(test::input_error_of([&] { perplexity(ids, 4, {}, options); }), Catch::Contains("9 tokens"));
}

TEST_CASE("the development checkpoint has its published perplexity") {
  const auto dir = test::shared_data("data/tiny_llama_fp32");
  if (dir.empty()) return;
  const model::FloatModel model = model::read_float_model(dir);
  const model::Tokenizer tokenizer(dir, model.config);
  const std::vector<int> ids = encode_file(tokenizer, dir / "valid.txt");
  const std::string expected = test::read_bytes(dir / "valid.u16");
  REQUIRE(expected.size() == 2 * ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    REQUIRE(ids[i] == model::load_le<std::uint16_t>(reinterpret_cast<const std::uint8_t*>(&expected[2 * i])));
  }
  CHECK(encode_lines(tokenizer, "\n\r\nking\r\n\n") == tokenizer.encode("king", true));

  reference::FloatReference reference(model);
  PerplexityOptions options;
  options.max_windows = 464;
  const auto result = perplexity(
      ids, model.config.vocab_size,
      [&](const int* window, int tokens) {
        return LogitsView{reference.forward(window, tokens).data(), nullptr, 1.0};
      },
      options);
  CHECK(result.windows == 464);
  CHECK(result.perplexity == Approx(71.85).margin(0.05));
}

}  // namespace squat::evaluate
