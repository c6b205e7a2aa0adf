// SPDX-License-Identifier: Apache-2.0
#include "qat/data/example_batches.hpp"

#include <map>
#include <set>

#include "tests/host/support.hpp"

namespace squat::qat {
namespace {

/// Example i has 1 + i % 23 tokens, all of them i, and the target 1000 + i.
std::vector<TokenExample> numbered(int count) {
  std::vector<TokenExample> examples;
  for (int i = 0; i < count; ++i) {
    examples.push_back({std::vector<std::int32_t>(static_cast<std::size_t>(1 + i % 23), i), 1000 + i});
  }
  return examples;
}

/// Which examples a batch holds; checks tokens, padding, lengths and targets on the way.
std::vector<int> members(const Batch& batch) {
  std::vector<int> found;
  const auto length = static_cast<std::size_t>(batch.length);
  REQUIRE(batch.lengths.size() == static_cast<std::size_t>(batch.sequences));
  REQUIRE(batch.tokens.size() == batch.lengths.size() * length);
  REQUIRE(batch.targets.size() == batch.tokens.size());
  int longest = 0;
  for (std::size_t s = 0; s < batch.lengths.size(); ++s) {
    const int i = batch.tokens[s * length];
    CHECK(batch.lengths[s] == 1 + i % 23);
    longest = std::max(longest, batch.lengths[s]);
    for (std::size_t t = 0; t < length; ++t) {
      const bool inside = static_cast<int>(t) < batch.lengths[s];
      if (inside) CHECK(batch.tokens[s * length + t] == i);
      CHECK(batch.targets[s * length + t] == (static_cast<int>(t) == batch.lengths[s] - 1 ? 1000 + i : -1));
    }
    found.push_back(i);
  }
  CHECK(batch.length == longest);
  return found;
}

}  // namespace

TEST_CASE("an epoch has every example once, in batches of like lengths and another order each time") {
  const int sequences = 4, examples = ExampleBatches::kPool * sequences;
  const ExampleBatches batches(numbered(examples), sequences, 16, 5);
  std::vector<std::vector<int>> orders;
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    std::vector<int> order;
    std::uint64_t padded = 0, tokens = 0;
    for (std::uint64_t b = 0; b < ExampleBatches::kPool; ++b) {
      const Batch batch = batches.batch(epoch * ExampleBatches::kPool + b);
      CHECK(batch.number == epoch * ExampleBatches::kPool + b);
      const std::vector<int> found = members(batch);
      order.insert(order.end(), found.begin(), found.end());
      padded += batch.tokens.size();
      for (const std::int32_t length : batch.lengths) tokens += static_cast<std::uint64_t>(length);
    }
    CHECK(std::set<int>(order.begin(), order.end()).size() == static_cast<std::size_t>(examples));
    CHECK(padded * 10 < tokens * 12);
    orders.push_back(order);
  }
  CHECK(orders[0] != orders[1]);
  CHECK(orders[1] != orders[2]);
  CHECK(members(ExampleBatches(numbered(examples), sequences, 16, 6).batch(0)) != members(batches.batch(0)));
  CHECK(members(ExampleBatches(numbered(examples), sequences, 16, 5).batch(7)) == members(batches.batch(7)));
}

TEST_CASE("every example is drawn equally often where epochs do not end with batches") {
  const ExampleBatches batches(numbered(37), 5, 16, 1);
  std::map<int, int> drawn;
  for (std::uint64_t b = 0; b < 37 * ExampleBatches::kPool; ++b) {
    for (const int i : members(batches.batch(b))) ++drawn[i];
  }
  REQUIRE(drawn.size() == 37);
  for (const auto& [i, times] : drawn) CHECK(times == 5 * ExampleBatches::kPool);
}

TEST_CASE("scales start from the examples one behind the other, without padding") {
  const ExampleBatches batches(numbered(50), 8, 16, 3);
  const std::vector<int> ids = batches.some_ids(100000);
  std::map<int, int> tokens;
  for (const int id : ids) ++tokens[id];
  for (int i = 0; i < 50; ++i) CHECK(tokens[i] == 1 + i % 23);
  CHECK(batches.tokens_per_batch() == Approx(8.0 * static_cast<double>(ids.size()) / 50));
  const Batch start = batches.first_sequences(4);
  CHECK(start.sequences == 4);
  CHECK(start.length == 16);
  CHECK(start.lengths.empty());
  CHECK(std::equal(start.tokens.begin(), start.tokens.end(), ids.begin()));
  const Batch short_one = ExampleBatches({{{1, 2, 3}, 4}}, 2, 16, 0).first_sequences(4);
  CHECK(short_one.sequences == 1);
  CHECK(short_one.tokens == std::vector<std::int32_t>{1, 2, 3});
  CHECK_THROWS_AS(ExampleBatches({}, 2, 16, 0), Error);
}

}  // namespace squat::qat
