// SPDX-License-Identifier: Apache-2.0
#include "qat/data/sampler.hpp"

#include <set>

#include "tests/host/support.hpp"

namespace squat::qat {

TEST_CASE("an epoch visits every window once, from its own offset and in its own order") {
  for (const std::uint64_t tokens : {8u, 9u, 15u, 16u, 100u, 1000u, 12345u}) {
    const WindowSampler sampler(tokens, 8, 7);
    const std::uint64_t n = sampler.windows_per_epoch();
    CHECK(n * 8 <= tokens);
    CHECK((n + 2) * 8 > tokens);
    std::set<std::uint64_t> offsets;
    std::vector<std::uint64_t> first, second;
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
      std::set<std::uint64_t> seen;
      for (std::uint64_t i = 0; i < n; ++i) {
        const std::uint64_t start = sampler.start(epoch * n + i);
        REQUIRE(start + 8 <= tokens);
        seen.insert(start / 8 + 100000 * (start % 8));
        if (epoch == 0) first.push_back(start / 8);
        if (epoch == 1) second.push_back(start / 8);
        offsets.insert(start % 8);
      }
      CHECK(seen.size() == n);
    }
    if (tokens >= 16) CHECK(offsets.size() > 1);
    if (n > 8) CHECK(first != second);
    if (n > 8) CHECK_FALSE(std::is_sorted(first.begin(), first.end()));
  }
}

TEST_CASE("the seed alone decides; too little text is an error") {
  const WindowSampler a(5000, 16, 1), same(5000, 16, 1), b(5000, 16, 2);
  int equal = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    CHECK(a.start(i) == same.start(i));
    equal += a.start(i) == b.start(i);
  }
  CHECK(equal < 20);
  CHECK_THAT(test::input_error_of([] { WindowSampler(15, 16, 0); }), Catch::Contains("15 tokens"));
}

TEST_CASE("batches of several ranks are the windows of one large batch") {
  const test::TemporaryDirectory dir;
  TokenWriter writer(dir.path() / "t", 1000);
  for (int i = 0; i < 1000; ++i) writer.add(i);
  writer.finish({});
  const TokenFile file(dir.path() / "t");
  const WindowBatches whole(file, 6, 10, 3), part(file, 2, 10, 3);
  for (std::uint64_t step = 0; step < 40; ++step) {
    std::vector<std::int32_t> together;
    for (int rank = 0; rank < 3; ++rank) {
      const Batch batch = part.batch(step, rank, 3);
      CHECK(batch.sequences == 2);
      CHECK(batch.length == 10);
      together.insert(together.end(), batch.tokens.begin(), batch.tokens.end());
    }
    const Batch batch = whole.batch(step);
    CHECK(together == batch.tokens);
    for (std::size_t i = 1; i < 10; ++i) CHECK(batch.tokens[i] == batch.tokens[0] + static_cast<std::int32_t>(i));
  }
}

}  // namespace squat::qat
