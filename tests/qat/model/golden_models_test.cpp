// SPDX-License-Identifier: Apache-2.0
// Whole small models against PyTorch: loss, logits, attention maps and every gradient.
#include "qat/model/decoder.hpp"
#include "tests/qat/model/golden.hpp"

namespace squat {
namespace {

using test::Golden;

model::ModelConfig config_of(const Golden& golden, bool gpt2) {
  const auto& metadata = golden.metadata();
  const auto json = metadata.count("config") != 0 ? nlohmann::json::parse(metadata.at("config")) : nlohmann::json::object();
  const auto number = [&](const char* key, int fallback) {
    if (json.contains(key)) return json.at(key).get<int>();
    return metadata.count(key) != 0 ? std::stoi(metadata.at(key)) : fallback;
  };
  model::ModelConfig c;
  c.vocab_size = number("V", 0);
  c.hidden_size = number("h", 0);
  c.heads = number("H", 0);
  c.kv_heads = number("K", c.heads);
  c.layers = number("L", 0);
  c.head_dim = c.hidden_size / c.heads;
  c.max_positions = number("n_positions", 256);
  c.intermediate_size = number("i", 4 * c.hidden_size);
  if (gpt2) {
    c.model_type = "gpt2";
    c.tied = true;
    c.rms_norm_eps = std::stod(metadata.at("ln_eps"));
  } else {
    c.rms_norm_eps = std::stod(metadata.at("rms_eps"));
    c.rope_theta = std::stod(metadata.at("rope_theta"));
    c.tied = !golden.has("param.lm_head.weight");
  }
  return c;
}

struct Case {
  Golden golden;
  model::ModelConfig config;
  std::unique_ptr<qat::QuantConfig> quant;
  qat::Batch batch;
};

Case load(const std::filesystem::path& path, bool gpt2) {
  Case c{Golden(path), {}, nullptr, {}};
  c.config = config_of(c.golden, gpt2);
  if (c.golden.metadata().count("config") != 0) {
    const auto json = nlohmann::json::parse(c.golden.metadata().at("config"));
    if (json.contains("wb")) {
      c.quant = std::make_unique<qat::QuantConfig>(qat::published_quant(json.at("wb").get<int>(), json.at("ab").get<int>()));
    }
  }
  const model::Shape shape = c.golden.shape("input_ids");
  c.batch.sequences = static_cast<int>(shape[0]);
  c.batch.length = static_cast<int>(shape[1]);
  for (const double id : c.golden.values("input_ids")) c.batch.tokens.push_back(static_cast<std::int32_t>(id));
  return c;
}

template <typename S>
void set_parameters(const Case& c, qat::BasicLanguageModel<S>& model) {
  std::size_t used = 0;
  for (const model::TensorInfo& t : c.golden.tensors()) {
    if (t.name.compare(0, 6, "param.") != 0) continue;
    const std::ptrdiff_t index = model.parameters().find(t.name.substr(6));
    INFO(t.name);
    REQUIRE(index >= 0);
    const std::vector<double> v = c.golden.values(t.name);
    REQUIRE(v.size() == model.parameters().info(static_cast<std::size_t>(index)).size);
    std::copy(v.begin(), v.end(), model.parameters().value(static_cast<std::size_t>(index)));
    ++used;
  }
  CHECK(used == model.parameters().count());
}

template <typename S>
void compare(const Case& c, double tolerance) {
  qat::Decoder<S> model(c.config, c.quant.get());
  if (c.quant) {
    set_parameters(c, model);
    model.start_scales(c.batch);  // also freezes the published signs, from the same first batch
    const auto& started = model.parameters();
    for (std::size_t i = 0; i < started.count(); ++i) {
      if (started.info(i).kind != qat::ParameterKind::kScale && started.info(i).kind != qat::ParameterKind::kZeroPoint)
        continue;
      INFO("start of " << started.info(i).name);
      const std::vector<double> expected = c.golden.values("param." + started.info(i).name);
      CHECK(test::relative_difference(started.value(i), expected.data(), 1, 1e-6) < tolerance);
    }
  }
  set_parameters(c, model);
  const qat::BatchResult result = model.forward_backward(c.batch, {}, nullptr, true);
  const double loss = c.golden.values("loss")[0];
  CHECK(std::fabs(result.ce - loss) < tolerance * loss);
  CHECK(result.total == result.ce);

  qat::BasicModelOutputs<S> outputs;
  model.forward(c.batch, {true, false}, outputs);
  const std::vector<double> logits = c.golden.values("logits");
  CHECK(test::relative_difference(outputs.logits.data(), logits.data(), logits.size()) < tolerance);
  for (int l = 0; l < c.config.layers; ++l) {
    const std::string name = "attn_prob." + std::to_string(l);
    if (!c.golden.has(name)) continue;
    const std::vector<double> maps = c.golden.values(name);
    INFO(name);
    CHECK(test::relative_difference(outputs.attention[static_cast<std::size_t>(l)].data(), maps.data(), maps.size()) <
          tolerance);
  }
  for (std::size_t i = 0; i < model.parameters().count(); ++i) {
    const qat::ParameterInfo& info = model.parameters().info(i);
    INFO("gradient of " << info.name);
    const std::vector<double> expected = c.golden.values("grad." + info.name);
    CHECK(test::relative_difference(model.parameters().gradient(i), expected.data(), info.size, 1e-7) < tolerance);
  }
}

}  // namespace

TEST_CASE("LLaMA equals PyTorch", "[golden]") {
  for (const auto& path : test::golden_files("llama_fp", ".safetensors")) {
    INFO(path.string());
    const Case c = load(path, false);
    compare<double>(c, 2e-6);
    compare<float>(c, 2e-5);
  }
}

TEST_CASE("GPT-2 equals PyTorch", "[golden]") {
  for (const auto& path : test::golden_files("gpt2_fp", ".safetensors")) {
    INFO(path.string());
    const Case c = load(path, true);
    compare<double>(c, 2e-6);
    compare<float>(c, 2e-5);
  }
}

TEST_CASE("LLaMA with the published quantisers equals PyTorch", "[golden]") {
  for (const auto& path : test::golden_files("llama_w", ".safetensors")) {
    INFO(path.string());
    compare<double>(load(path, false), 2e-5);
  }
}

}  // namespace squat
