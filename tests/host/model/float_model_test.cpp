// SPDX-License-Identifier: Apache-2.0
#include "host/model/float_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "host/model/float_bytes.hpp"
#include "host/model/float_tensors.hpp"
#include "host/model/safetensors.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/support.hpp"

namespace squat::model {
namespace {

using quantize::random_float_model;
using test::input_error_of;
using test::TemporaryDirectory;

std::vector<TensorData> tensors_of(const std::filesystem::path& file) {
  const SafetensorsFile f(file);
  std::vector<TensorData> out;
  for (const TensorInfo& t : f.tensors()) out.push_back({t.name, t.dtype, t.shape, f.read(t)});
  return out;
}

bool same(const FloatModel& a, const FloatModel& b) {
  std::vector<std::vector<float>> left, right;
  for_each_weight(a, [&](const FilePlace&, const std::vector<float>& v) { left.push_back(v); });
  for_each_weight(b, [&](const FilePlace&, const std::vector<float>& v) { right.push_back(v); });
  return left == right;
}

std::vector<ModelConfig> shapes() { return {test::small_config(true), test::small_config(false), test::small_gpt2_config()}; }

}  // namespace

TEST_CASE("a written model is read back exactly") {
  for (const ModelConfig& config : shapes()) {
    const TemporaryDirectory dir;
    const FloatModel model = random_float_model(config, 3);
    write_float_model(model, dir.path());
    const FloatModel back = read_float_model(dir.path());
    CHECK(same(model, back));
    CHECK(back.config.tied == config.tied);
    CHECK(back.lm_head.w.empty() == config.tied);
    CHECK(back.positions.w.empty() == !config.gpt2());
    CHECK(back.layers[1].up.bias.empty() == !config.gpt2());
  }
}

TEST_CASE("every half survives single precision, and singles go to the nearest half") {
  for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float wide = half_to_float(half);
    if (std::isnan(wide)) {
      CHECK(std::isnan(half_to_float(float_to_half(wide))));
    } else {
      CHECK(float_to_half(wide) == half);
    }
    const float above = half_to_float(static_cast<std::uint16_t>(half + 1));
    if ((half & 0x7fffu) >= 0x7bffu) continue;
    const float middle = 0.5f * (wide + above);  // exact in single precision
    CHECK(float_to_half(middle) == (half % 2 == 0 ? half : half + 1));
    CHECK(float_to_half(std::nextafterf(middle, wide)) == half);
    CHECK(float_to_half(std::nextafterf(middle, above)) == half + 1);
  }
  CHECK(float_to_half(65519.0f) == 0x7bffu);
  CHECK(float_to_half(-65520.0f) == 0xfc00u);
}

TEST_CASE("a model stored as FP16 is half the size and at most half a unit away") {
  const TemporaryDirectory single, half;
  FloatModel model = random_float_model(test::small_config(true), 3);
  write_float_model(model, single.path());
  write_float_model(model, half.path(), StoredAs::kFloat16);
  const auto bytes = [](const TemporaryDirectory& dir) { return std::filesystem::file_size(dir.path() / "model.safetensors"); };
  CHECK(10 * bytes(half) < 6 * bytes(single));
  const FloatModel back = read_float_model(half.path());
  for (std::size_t i = 0; i < model.embedding.w.size(); ++i) {
    CHECK(std::fabs(back.embedding.w[i] - model.embedding.w[i]) <= std::fabs(model.embedding.w[i]) / 2048 + 0x1p-25f);
  }
  model.layers[0].q.w[5] = 1e6f;
  CHECK_THROWS_WITH(write_float_model(model, half.path(), StoredAs::kFloat16), Catch::Contains("q_proj"));
}

TEST_CASE("scales that stand beside the weights are kept apart from them") {
  const TemporaryDirectory dir;
  write_float_model(random_float_model(test::small_config(true), 3), dir.path());
  const auto file = dir.path() / "model.safetensors";
  auto tensors = tensors_of(file);
  std::vector<std::uint8_t> bytes;
  append_le(bytes, bit_copy<std::uint32_t>(0.125f));
  const std::string name = "model.layers.0.self_attn.q_proj.alpha";
  tensors.push_back({name, Dtype::kF32, {1}, bytes});
  write_safetensors(file, tensors, {});
  CHECK(read_float_model(dir.path()).quantiser_scalars == std::map<std::string, float>{{name, 0.125f}});
  tensors.back().shape = {1, 1};
  write_safetensors(file, tensors, {});
  CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }), Catch::Contains(name));
}

TEST_CASE("every missing or mis-shaped tensor is named") {
  for (const ModelConfig& config : shapes()) {
    const TemporaryDirectory dir;
    write_float_model(random_float_model(config, 3), dir.path());
    const auto file = dir.path() / "model.safetensors";
    const auto all = tensors_of(file);
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto fewer = all;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      write_safetensors(file, fewer, {});
      CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }), Catch::Contains(all[i].name + "'"));
      auto reshaped = all;
      reshaped[i].shape.push_back(1);
      write_safetensors(file, reshaped, {});
      CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }),
                 Catch::Contains(all[i].name) && Catch::Contains("expected shape"));
    }
  }
}

TEST_CASE("extra tensors and other element types are refused, known buffers are not") {
  const TemporaryDirectory dir;
  write_float_model(random_float_model(test::small_config(false), 3), dir.path());
  const auto file = dir.path() / "model.safetensors";
  const auto all = tensors_of(file);
  auto more = all;
  more.push_back({"model.layers.0.self_attn.q_proj.bias", Dtype::kF32, {1}, std::vector<std::uint8_t>(4)});
  write_safetensors(file, more, {});
  CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }), Catch::Contains("q_proj.bias"));
  more.back().name = "model.layers.0.self_attn.rotary_emb.inv_freq";
  write_safetensors(file, more, {});
  CHECK_NOTHROW(read_float_model(dir.path()));
  auto wrong = all;
  wrong[0].dtype = Dtype::kI32;
  write_safetensors(file, wrong, {});
  CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }), Catch::Contains("found I32"));
}

TEST_CASE("NaN and infinite weights are refused with tensor and byte") {
  const TemporaryDirectory dir;
  for (const float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    FloatModel model = random_float_model(test::small_config(true), 3);
    model.layers[1].up.w[5] = bad;
    write_float_model(model, dir.path());
    const SafetensorsFile file(dir.path() / "model.safetensors");
    const std::string name = "model.layers.1.mlp.up_proj.weight";
    CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }),
               Catch::Contains(name) && Catch::Contains("byte " + std::to_string(file.file_offset(*file.find(name)) + 20)));
  }
}

TEST_CASE("a tied model may carry a copy of its embedding as head, but no other head") {
  for (const ModelConfig& config : {test::small_config(true), test::small_gpt2_config()}) {
    const TemporaryDirectory dir;
    write_float_model(random_float_model(config, 3), dir.path());
    const auto file = dir.path() / "model.safetensors";
    auto tensors = tensors_of(file);
    tensors.push_back({"lm_head.weight", Dtype::kF32, tensors[0].shape, tensors[0].bytes});
    write_safetensors(file, tensors, {});
    CHECK_NOTHROW(read_float_model(dir.path()));
    tensors.back().bytes[2] ^= 1;
    write_safetensors(file, tensors, {});
    CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }), Catch::Contains("lm_head.weight"));
  }
}

TEST_CASE("GPT-2 files are read as Hugging Face writes them") {
  const TemporaryDirectory dir;
  const FloatModel model = random_float_model(test::small_gpt2_config(), 3);
  write_float_model(model, dir.path());
  const auto file = dir.path() / "model.safetensors";
  const auto all = tensors_of(file);
  const auto tensor = [&](const std::string& name) {
    return *std::find_if(all.begin(), all.end(), [&](const TensorData& t) { return t.name == name; });
  };
  const auto value = [](const TensorData& t, std::size_t i) {
    return bit_copy<float>(load_le<std::uint32_t>(&t.bytes[4 * i]));
  };

  // Conv1D holds (inputs, outputs); c_attn queries, keys and values side by side.
  const TensorData c_attn = tensor("transformer.h.1.attn.c_attn.weight"), bias = tensor("transformer.h.1.attn.c_attn.bias");
  const TensorData c_fc = tensor("transformer.h.1.mlp.c_fc.weight");
  CHECK(c_attn.shape == Shape{32, 96});
  CHECK(bias.shape == Shape{96});
  CHECK(c_fc.shape == Shape{32, 56});
  CHECK(tensor("transformer.h.0.mlp.c_proj.weight").shape == Shape{56, 32});
  CHECK(tensor("transformer.wpe.weight").shape == Shape{160, 32});
  const FloatLayer& l = model.layers[1];
  bool equal = true;
  for (std::size_t out = 0; out < 32; ++out) {
    for (std::size_t in = 0; in < 32; ++in) {
      equal = equal && value(c_attn, in * 96 + out) == l.q.w[out * 32 + in];
      equal = equal && value(c_attn, in * 96 + 32 + out) == l.k.w[out * 32 + in];
      equal = equal && value(c_attn, in * 96 + 64 + out) == l.v.w[out * 32 + in];
      equal = equal && value(c_fc, in * 56 + out) == l.up.w[out * 32 + in];
    }
    equal = equal && value(bias, out) == l.q.bias[out] && value(bias, 64 + out) == l.v.bias[out];
  }
  CHECK(equal);

  // The hub's own files lack the prefix and carry the causal mask.
  std::vector<TensorData> bare = all;
  for (TensorData& t : bare) t.name = t.name.substr(std::string("transformer.").size());
  bare.push_back({"h.0.attn.bias", Dtype::kU8, {1, 1, 2, 2}, {1, 0, 1, 1}});
  bare.push_back({"h.0.attn.masked_bias", Dtype::kF32, {1}, {0, 0, 0, 0}});
  write_safetensors(file, bare, {});
  CHECK(same(read_float_model(dir.path()), model));
  bare.back().name = "h.0.attn.c_attn.gate";
  write_safetensors(file, bare, {});
  CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }), Catch::Contains("h.0.attn.c_attn.gate"));
  bare.pop_back();
  bare[2].name = "transformer." + bare[2].name;
  write_safetensors(file, bare, {});
  CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }), Catch::Contains("'" + bare[2].name.substr(12) + "'"));

  std::vector<TensorData> bad = all;
  const std::size_t at = 4 * (3 * 96 + 70);  // input 3 of value 6
  for (TensorData& t : bad) {
    if (t.name == c_attn.name) store_le(&t.bytes[at], bit_copy<std::uint32_t>(std::nanf("")));
  }
  write_safetensors(file, bad, {});
  const SafetensorsFile damaged(file);
  const std::uint64_t byte = damaged.file_offset(*damaged.find(c_attn.name)) + at;
  CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }),
             Catch::Contains(c_attn.name) && Catch::Contains("byte " + std::to_string(byte)));
}

TEST_CASE("a truncated GPT-2 file is always noticed") {
  const TemporaryDirectory dir;
  write_float_model(random_float_model(test::small_gpt2_config(), 3), dir.path());
  const std::string good = test::read_bytes(dir.path() / "model.safetensors");
  for (std::size_t cut = 1; cut < good.size(); cut = cut * 5 / 4 + 1) {
    test::write_bytes(dir.path() / "model.safetensors", good.substr(0, good.size() - cut));
    input_error_of([&] { read_float_model(dir.path()); });
  }
}

TEST_CASE("half precision weights are widened exactly") {
  CHECK(half_to_float(0x3c00) == 1.0f);
  CHECK(half_to_float(0xc000) == -2.0f);
  CHECK(half_to_float(0x7bff) == 65504.0f);
  CHECK(half_to_float(0x0001) == 0x1p-24f);
  CHECK(half_to_float(0x83ff) == -1023 * 0x1p-24f);
  CHECK(half_to_float(0x0400) == 0x1p-14f);
  CHECK(std::isinf(half_to_float(0x7c00)));
  CHECK(std::isnan(half_to_float(0x7e01)));
  CHECK(bf16_to_float(0x3f80) == 1.0f);
  CHECK(bf16_to_float(0xbf81) == -1.0078125f);

  const TemporaryDirectory dir;
  FloatModel model = random_float_model(test::small_config(true), 3);
  write_float_model(model, dir.path());
  auto tensors = tensors_of(dir.path() / "model.safetensors");
  for (TensorData& t : tensors) {  // BF16 is the upper half of F32
    std::vector<std::uint8_t> upper;
    for (std::size_t i = 0; i < t.bytes.size(); i += 4) upper.insert(upper.end(), {t.bytes[i + 2], t.bytes[i + 3]});
    t.bytes = upper;
    t.dtype = Dtype::kBF16;
  }
  write_safetensors(dir.path() / "model.safetensors", tensors, {});
  const FloatModel back = read_float_model(dir.path());
  for_each_weight(model, [&](const FilePlace&, std::vector<float>& values) {
    for (float& v : values) v = bit_copy<float>(bit_copy<std::uint32_t>(v) & 0xffff0000u);
  });
  CHECK(same(model, back));
}

TEST_CASE("shards are read through their index, and must agree with it") {
  const TemporaryDirectory dir;
  FloatModel model = random_float_model(test::small_config(false), 3);
  write_float_model(model, dir.path());
  const auto all = tensors_of(dir.path() / "model.safetensors");
  std::filesystem::remove(dir.path() / "model.safetensors");
  const std::vector<TensorData> first(all.begin(), all.begin() + 7), second(all.begin() + 7, all.end());
  write_safetensors(dir.path() / "s1.safetensors", first, {});
  write_safetensors(dir.path() / "s2.safetensors", second, {});
  const auto index = [&](const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json json;
    for (const auto& t : first) json["weight_map"][t.name] = "s1.safetensors";
    for (const auto& t : second) json["weight_map"][t.name] = "s2.safetensors";
    change(json);
    test::write_bytes(dir.path() / "model.safetensors.index.json", json.dump());
  };
  index([](nlohmann::json&) {});
  const FloatModel back = read_float_model(dir.path());
  CHECK(same(model, back));
  const auto refused = [&](const std::function<void(nlohmann::json&)>& change, const std::string& reason) {
    index(change);
    CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }), Catch::Contains(reason));
  };
  refused([](nlohmann::json& j) { j["weight_map"]["model.norm.weight"] = "../x"; }, "without directories");
  refused([](nlohmann::json& j) { j["weight_map"]["model.norm.weight"] = "s1.safetensors"; }, "model.norm.weight");
  refused([](nlohmann::json& j) { j["weight_map"].erase("model.norm.weight"); }, "not listed");
  refused([](nlohmann::json& j) { j["weight_map"]["model.more"] = "s1.safetensors"; }, "model.more");
  refused([](nlohmann::json& j) { j.erase("weight_map"); }, "weight_map");
  refused(
      [](nlohmann::json& j) {
        for (int i = 0; i < 1001; ++i) j["weight_map"]["more" + std::to_string(i)] = "s" + std::to_string(i + 10);
      },
      "at most 1000 shards");
  write_safetensors(dir.path() / "s2.safetensors", all, {});
  refused([](nlohmann::json&) {}, "also stands in");
  std::filesystem::remove(dir.path() / "model.safetensors.index.json");
  CHECK_THAT(input_error_of([&] { read_float_model(dir.path()); }), Catch::Contains("found neither"));
}

TEST_CASE("the development checkpoint loads") {
  const auto dir = test::shared_data("data/tiny_llama_fp32");
  if (dir.empty()) return;
  const FloatModel model = read_float_model(dir);
  CHECK(model.layers.size() == 4);
  CHECK(model.config.tied);
}

}  // namespace squat::model
