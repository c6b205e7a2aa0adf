// SPDX-License-Identifier: Apache-2.0
#include "qat/optim/adamw.hpp"

#include <cmath>
#include <cstring>
#include <random>
#include <thread>

#include "host/model/float_bytes.hpp"
#include "host/model/safetensors.hpp"
#include "qat/optim/gradient_norm.hpp"
#include "qat/optim/schedule.hpp"
#include "tests/host/support.hpp"

namespace squat::qat {
namespace {

std::vector<float> floats(const model::SafetensorsFile& file, const std::string& name) {
  const model::TensorInfo* info = file.find(name);
  REQUIRE(info != nullptr);
  const auto bytes = file.read(*info);
  std::vector<float> values(bytes.size() / 4);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = model::bit_copy<float>(model::load_le<std::uint32_t>(bytes.data() + 4 * i));
  }
  return values;
}

void check_near(const float* mine, const std::vector<float>& golden) {
  for (std::size_t i = 0; i < golden.size(); ++i) CHECK(mine[i] == Approx(golden[i]).epsilon(2e-5).margin(1e-9));
}

/// Two matrices (one larger than a block), a norm and a scale, with seeded values.
ParameterSet some_parameters() {
  ParameterSet set;
  set.add("a", {300, 300}, ParameterKind::kMatrix);
  set.add("b", {7}, ParameterKind::kMatrix);
  set.add("norm", {5}, ParameterKind::kNorm);
  set.add("alpha", {1}, ParameterKind::kScale);
  std::mt19937 random(3);
  for (std::size_t i = 0; i < set.size(); ++i) set.values()[i] = 0.5f + static_cast<float>(random() % 1000) / 1000.0f;
  return set;
}

void fill_gradients(ParameterSet& set, unsigned seed) {
  std::mt19937 random(seed);
  for (std::size_t i = 0; i < set.size(); ++i) set.gradients()[i] = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
}

/// Backwards and on two threads: another order must not change a bit.
void oddly(int count, const std::function<void(int)>& task) {
  std::thread other([&] {
    for (int i = count - 1; i >= 0; i -= 2) task(i);
  });
  for (int i = count - 2; i >= 0; i -= 2) task(i);
  other.join();
}

}  // namespace

TEST_CASE("six steps are PyTorch's") {
  const auto path = test::shared_data("golden/adamw_cosine_clip.safetensors");
  if (path.empty()) return;
  const model::SafetensorsFile file(path);
  const auto number = [&](const char* key) { return std::stod(file.metadata().at(key)); };
  ParameterSet set;
  set.add("w", {3, 4}, ParameterKind::kMatrix);
  const auto start = floats(file, "w0");
  std::copy(start.begin(), start.end(), set.values());
  AdamWOptions options;
  options.epsilon = number("eps");
  options.weight_decay = number("weight_decay");
  AdamW adam(set, options);
  const Schedule schedule{number("lr"), std::stoll(file.metadata().at("warmup")), std::stoll(file.metadata().at("total")), 0.0};
  for (int step = 0; step < 6; ++step) {
    const std::string n = std::to_string(step);
    const auto gradient = floats(file, "g" + n);
    std::copy(gradient.begin(), gradient.end(), set.gradients());
    CHECK(schedule.rate(step) == Approx(floats(file, "lr" + n)[0]).epsilon(2e-5).margin(1e-12));
    const double norm = gradient_norm(set);
    CHECK(norm == Approx(floats(file, "gradnorm" + n)[0]).epsilon(2e-5));
    adam.step(set, schedule.rate(step), clip_factor(norm, number("clip")));
    check_near(set.values(), floats(file, "w" + std::to_string(step + 1)));
  }
}

TEST_CASE("only matrices decay; gradients are 0 after a step") {
  ParameterSet set = some_parameters();
  const std::vector<float> before(set.values(), set.values() + set.size());
  AdamW adam(set, {});
  adam.step(set, 0.1, 1.0);  // no gradient: decay only
  for (std::size_t p = 0; p < set.count(); ++p) {
    const float factor = set.info(p).kind == ParameterKind::kMatrix ? 0.99f : 1.0f;
    CHECK(*set.value(p) == Approx(before[set.info(p).offset] * factor));
  }
  fill_gradients(set, 1);
  adam.step(set, 0.1, 1.0);
  for (std::size_t i = 0; i < set.size(); ++i) REQUIRE(set.gradients()[i] == 0.0f);
  CHECK(adam.steps() == 2);
}

TEST_CASE("scales stay positive; they may move by shares; frozen parameters stay") {
  ParameterSet set;
  const std::size_t alpha = set.add("alpha", {1}, ParameterKind::kScale);
  const std::size_t frozen = set.add("frozen", {2}, ParameterKind::kMatrix);
  set.set_trainable(frozen, false);
  *set.value(alpha) = 0.01f;
  set.value(frozen)[0] = 3.0f;
  AdamW adam(set, {});
  for (int i = 0; i < 50; ++i) {
    *set.gradient(alpha) = 1.0f;
    adam.step(set, 1.0, 1.0);
    REQUIRE(*set.value(alpha) > 0.0f);
  }
  CHECK(set.value(frozen)[0] == 3.0f);

  AdamWOptions options;
  options.relative_scales = true;
  options.scale_rate = 0.5;
  *set.value(alpha) = 0.01f;
  *set.gradient(alpha) = 123.0f;
  AdamW relative(set, options);
  relative.step(set, 0.1, 1.0);  // Adam's first step has size 1
  CHECK(*set.value(alpha) == Approx(0.01 * (1 - 0.05)));
}

TEST_CASE("threads change no bit") {
  ParameterSet one = some_parameters(), two = some_parameters();
  AdamW first(one, {}), second(two, {});
  for (unsigned step = 0; step < 3; ++step) {
    fill_gradients(one, step);
    fill_gradients(two, step);
    const double norm = gradient_norm(one);
    CHECK(norm == gradient_norm(two, oddly));
    first.step(one, 0.01, clip_factor(norm, 1.0));
    second.step(two, 0.01, clip_factor(norm, 1.0), oddly);
  }
  CHECK(std::memcmp(one.values(), two.values(), one.size() * sizeof(float)) == 0);
}

TEST_CASE("gradients that are no numbers show in the norm") {
  ParameterSet set = some_parameters();
  set.gradients()[70000] = std::nanf("");
  CHECK(std::isnan(gradient_norm(set)));
  set.gradients()[70000] = INFINITY;
  CHECK(std::isinf(gradient_norm(set)));
  CHECK(clip_factor(0.5, 1.0) == 1.0);
  CHECK(clip_factor(10.0, 1.0) == Approx(0.1));
  CHECK(clip_factor(10.0, 0.0) == 1.0);
}

}  // namespace squat::qat
