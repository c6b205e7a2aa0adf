// SPDX-License-Identifier: Apache-2.0
#include "host/model/config_json.hpp"

#include "host/model/json_file.hpp"
#include "tests/host/support.hpp"

namespace squat::model {
namespace {

using test::input_error_of;

nlohmann::json good() { return nlohmann::json::parse(config_to_json(test::small_config(false)).dump()); }

ModelConfig read(const nlohmann::json& json) { return config_from_json(json, "config.json"); }

}  // namespace

TEST_CASE("config.json round trip") {
  const ModelConfig c = read(good());
  const ModelConfig e = test::small_config(false);
  CHECK(c.vocab_size == e.vocab_size);
  CHECK(c.kv_heads == e.kv_heads);
  CHECK(c.head_dim == e.head_dim);
  CHECK(c.rms_norm_eps == e.rms_norm_eps);
  CHECK(c.tied == e.tied);
}

TEST_CASE("defaults follow Hugging Face") {
  nlohmann::json json = good();
  for (const char* field :
       {"num_key_value_heads", "head_dim", "rope_theta", "tie_word_embeddings", "bos_token_id", "eos_token_id", "hidden_act"}) {
    json.erase(field);
  }
  json["rope_scaling"] = nullptr;
  const ModelConfig c = read(json);
  CHECK(c.kv_heads == c.heads);
  CHECK(c.head_dim == 8);
  CHECK(c.rope_theta == 10000.0);
  CHECK_FALSE(c.tied);
  json["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 500000.0}};
  CHECK(read(json).rope_theta == 500000.0);
}

TEST_CASE("required fields, ranges and unsupported features are errors that name the field") {
  for (const char* field : {"model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
                            "num_attention_heads", "max_position_embeddings", "rms_norm_eps"}) {
    nlohmann::json json = good();
    json.erase(field);
    CHECK_THAT(input_error_of([&] { read(json); }), Catch::Contains(field));
  }
  const std::vector<std::pair<std::string, nlohmann::json>> bad = {
      {"vocab_size", 0},
      {"vocab_size", -5},
      {"vocab_size", 1u << 21},
      {"vocab_size", 48.5},
      {"vocab_size", "48"},
      {"hidden_size", 33},
      {"hidden_size", 1e300},
      {"num_hidden_layers", 513},
      {"head_dim", 7},
      {"num_key_value_heads", 3},
      {"rms_norm_eps", 0},
      {"rms_norm_eps", -1e-6},
      {"rope_theta", "10000"},
      {"hidden_act", "gelu"},
      {"rope_scaling", {{"type", "x"}}},
      {"attention_bias", true},
      {"mlp_bias", true},
      {"model_type", "gpt2"},
      {"sliding_window", 4096},
      {"tie_word_embeddings", 1},
      {"bos_token_id", 48},
      {"eos_token_id", -1},
      {"vocab_size", 18446744073709551615u},
      {"rope_parameters", {{"rope_type", "yarn"}}},
      {"partial_rotary_factor", 0.5},
  };
  for (const auto& [field, value] : bad) {
    nlohmann::json json = good();
    json[field] = value;
    if (field == "hidden_size") json.erase("head_dim");
    INFO(field << " = " << value);
    CHECK_THAT(input_error_of([&] { read(json); }), Catch::Contains(field));
  }
}

TEST_CASE("hostile JSON text is refused") {
  const auto parse = [](const std::string& text) { return input_error_of([&] { parse_json_object(text, "f.json"); }); };
  CHECK_THAT(parse(R"({"a":1,"a":2})"), Catch::Contains("'a' appears twice"));
  CHECK_THAT(parse(R"({"b":{"a":1,"a":2}})"), Catch::Contains("'a' appears twice"));
  CHECK_THAT(parse("[]"), Catch::Contains("expected a JSON object"));
  CHECK_THAT(parse(R"({"a":)"), Catch::Contains("byte"));
  CHECK_THAT(parse(R"({"a":)" + std::string(100000, '[')), Catch::Contains("nested deeper"));
  CHECK_NOTHROW(parse_json_object(R"({"a":{"x":1},"b":{"x":2}})", "f.json"));
}

}  // namespace squat::model
