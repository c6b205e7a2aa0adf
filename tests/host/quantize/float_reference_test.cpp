// SPDX-License-Identifier: Apache-2.0
// The float forward pass against published golden vectors and against its own symmetries.
#include "host/reference_float/float_reference.hpp"

#include <cmath>
#include <map>
#include <random>

#include "host/model/float_bytes.hpp"
#include "host/model/safetensors.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/support.hpp"

namespace squat::reference {
namespace {

std::vector<float> floats(const model::SafetensorsFile& file, const std::string& name) {
  const auto* info = file.find(name);
  REQUIRE(info != nullptr);
  const auto bytes = file.read(*info);
  std::vector<float> out;
  for (std::size_t i = 0; i < bytes.size(); i += 4)
    out.push_back(model::bit_copy<float>(model::load_le<std::uint32_t>(&bytes[i])));
  return out;
}

/// The golden files keep the weights under "param.".
void load_parameters(model::FloatModel& m, const model::SafetensorsFile& file) {
  model::set_shapes(m);
  model::for_each_weight(m, [&](const model::FilePlace& place, std::vector<float>& values) {
    const std::vector<float> from = floats(file, "param." + place.tensor);
    values.resize(place.size());
    place.for_each_element([&](std::size_t here, std::size_t there) { values[here] = from.at(there); });
  });
}

std::vector<int> random_ids(int count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<int> ids(static_cast<std::size_t>(count));
  for (int& id : ids) id = static_cast<int>(random() % 48);
  return ids;
}

}  // namespace

TEST_CASE("logits and attention equal the golden vectors") {
  const auto path = test::shared_data("golden/llama_fp_mha.safetensors");
  if (path.empty()) return;
  const model::SafetensorsFile file(path);
  model::FloatModel m;
  m.config = test::small_config(false);
  m.config.vocab_size = 64;
  m.config.intermediate_size = 48;
  m.config.kv_heads = 4;
  load_parameters(m, file);
  FloatReference reference(m);
  const auto logits = floats(file, "logits");
  const auto ids = file.read(*file.find("input_ids"));
  for (std::size_t batch = 0; batch < 2; ++batch) {
    std::vector<int> row;
    for (std::size_t t = 0; t < 12; ++t)
      row.push_back(static_cast<int>(model::load_le<std::uint64_t>(&ids[8 * (12 * batch + t)])));
    std::map<int, std::vector<float>> probabilities;
    reference.set_hook([&](Site site, int layer, const float* values, int, int cols) {
      if (site != Site::kP) return;
      auto& p = probabilities[layer];
      p.insert(p.end(), values, values + cols);
      p.insert(p.end(), static_cast<std::size_t>(12 - cols), 0.0f);
    });
    const auto& mine = reference.forward(row.data(), 12);
    for (std::size_t i = 0; i < mine.size(); ++i) {
      REQUIRE(mine[i] == Approx(logits[batch * mine.size() + i]).epsilon(2e-5).margin(2e-6));
    }
    for (int layer = 0; layer < 2; ++layer) {
      const auto golden = floats(file, "attn_prob." + std::to_string(layer));
      for (std::size_t i = 0; i < 4 * 12 * 12; ++i) {
        REQUIRE(probabilities[layer][i] == Approx(golden[batch * 4 * 12 * 12 + i]).epsilon(2e-5).margin(2e-6));
      }
    }
  }
}

TEST_CASE("GPT-2's logits equal the golden vectors") {
  const auto path = test::shared_data("golden/gpt2_fp.safetensors");
  if (path.empty()) return;
  const model::SafetensorsFile file(path);
  model::FloatModel m;
  m.config = test::small_gpt2_config();
  m.config.vocab_size = 64;
  m.config.intermediate_size = 128;
  m.config.max_positions = 16;
  load_parameters(m, file);
  FloatReference reference(m);
  const auto logits = floats(file, "logits");
  const auto ids = file.read(*file.find("input_ids"));
  for (std::size_t batch = 0; batch < 2; ++batch) {
    std::vector<int> row;
    for (std::size_t t = 0; t < 12; ++t)
      row.push_back(static_cast<int>(model::load_le<std::uint64_t>(&ids[8 * (12 * batch + t)])));
    const auto& mine = reference.forward(row.data(), 12);
    for (std::size_t i = 0; i < mine.size(); ++i) {
      REQUIRE(mine[i] == Approx(logits[batch * mine.size() + i]).epsilon(2e-5).margin(2e-6));
    }
  }
}

TEST_CASE("grouped keys equal the same keys written out per head") {
  const model::FloatModel grouped = quantize::random_float_model(test::small_config(true), 7);
  model::FloatModel full = grouped;
  full.config.kv_heads = 4;
  model::set_shapes(full);
  for (model::FloatLayer& l : full.layers) {
    for (model::FloatMatrix* m : {&l.k, &l.v}) {
      const std::vector<float> from = m->w;
      const std::ptrdiff_t head = 8 * 32;
      m->w.clear();
      for (const int source : {0, 0, 1, 1})
        m->w.insert(m->w.end(), from.begin() + source * head, from.begin() + (source + 1) * head);
    }
  }
  const auto ids = random_ids(20, 8);
  CHECK(FloatReference(grouped).forward(ids.data(), 20) == FloatReference(full).forward(ids.data(), 20));
}

TEST_CASE("a pass is causal and its scores start at one per head") {
  FloatReference reference(quantize::random_float_model(test::small_config(false), 7));
  auto ids = random_ids(33, 9);
  const std::vector<float> whole = reference.forward(ids.data(), 33);
  CHECK(reference.scores(0)[0] == 4 * 65536);
  CHECK(reference.scores(1).size() == 33);
  const std::vector<float> part = reference.forward(ids.data(), 20);
  CHECK(std::equal(part.begin(), part.end(), whole.begin()));
  const int bad = 48;
  CHECK_THROWS_AS(reference.forward(&bad, 1), Error);
  CHECK_THROWS_AS(reference.forward(ids.data(), 0), Error);
}

TEST_CASE("rounding follows the grids") {
  std::vector<float> x = {0.26f, -0.24f, 0.125f, 0.375f, 100.0f, -100.0f};
  std::vector<std::int8_t> codes(6);
  grid_codes(x.data(), 6, 0.25, -8, 7, codes.data());
  CHECK(codes == std::vector<std::int8_t>{1, -1, 0, 2, 7, -8});  // halves to even
  std::vector<float> two = x;
  two.insert(two.end(), x.begin(), x.end());
  round_rows(two.data(), 2, 6, 0.03125, -127, {1, 0});
  CHECK(two[4] == 127 * 0.03125f);
  CHECK(two[5] == -127 * 0.03125f);
  CHECK(two[6] == 0.25f);
  CHECK(two[11] == -2.0f);
}

}  // namespace squat::reference
