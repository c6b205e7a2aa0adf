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
  json["bos_token_id"] = {3U, 4U};  // of several the first
  CHECK(read(json).bos_id == 3);
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
      {"model_type", "opt"},
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

TEST_CASE("GPT-2's fields, with their own names and defaults") {
  const nlohmann::json written = nlohmann::json::parse(config_to_json(test::small_gpt2_config()).dump());
  for (const char* field : {"n_embd", "n_layer", "n_head", "n_positions", "n_inner", "layer_norm_epsilon"}) {
    CHECK(written.contains(field));
  }
  const ModelConfig c = read(written), e = test::small_gpt2_config();
  CHECK(c.gpt2());
  CHECK(c.hidden_size == e.hidden_size);
  CHECK(c.intermediate_size == 56);
  CHECK(c.layers == e.layers);
  CHECK(c.heads == 4);
  CHECK(c.kv_heads == 4);
  CHECK(c.head_dim == 8);
  CHECK(c.max_positions == 160);
  CHECK(c.rms_norm_eps == 1e-5);
  CHECK(c.tied);
  CHECK(c.bos_id == 1);

  // As the hub's "gpt2" has it.
  nlohmann::json json = {{"model_type", "gpt2"}, {"vocab_size", 50257}, {"n_embd", 768},      {"n_layer", 12},
                         {"n_head", 12},         {"n_ctx", 1024},       {"n_positions", 1024}};
  const ModelConfig hub = read(json);
  CHECK(hub.intermediate_size == 3072);
  CHECK(hub.max_positions == 1024);
  CHECK(hub.rms_norm_eps == 1e-5);
  CHECK(hub.tied);
  CHECK(hub.bos_id == 50256);
  CHECK(hub.eos_id == 50256);
  json["n_inner"] = nullptr;
  CHECK(read(json).intermediate_size == 3072);
  json.erase("n_positions");
  CHECK(read(json).max_positions == 1024);
  json["vocab_size"] = 50256;
  CHECK_THAT(input_error_of([&] { read(json); }), Catch::Contains("bos_token_id") && Catch::Contains("50256"));
}

TEST_CASE("GPT-2 features that would change the result are refused by name") {
  const nlohmann::json good = nlohmann::json::parse(config_to_json(test::small_gpt2_config()).dump());
  for (const char* field : {"vocab_size", "n_embd", "n_layer", "n_head"}) {
    nlohmann::json json = good;
    json.erase(field);
    CHECK_THAT(input_error_of([&] { read(json); }), Catch::Contains(field));
  }
  const std::vector<std::pair<std::string, nlohmann::json>> bad = {{"activation_function", "gelu"},
                                                                   {"activation_function", "relu"},
                                                                   {"activation_function", 3},
                                                                   {"scale_attn_weights", false},
                                                                   {"scale_attn_by_inverse_layer_idx", true},
                                                                   {"reorder_and_upcast_attn", true},
                                                                   {"add_cross_attention", true},
                                                                   {"n_ctx", 128},
                                                                   {"n_positions", 1},
                                                                   {"n_embd", 33},
                                                                   {"n_embd", 36},  // heads of 9
                                                                   {"n_inner", 0},
                                                                   {"n_head", 0},
                                                                   {"n_layer", 1000},
                                                                   {"layer_norm_epsilon", 0},
                                                                   {"layer_norm_epsilon", "1e-5"},
                                                                   {"bos_token_id", 48},
                                                                   {"tie_word_embeddings", "yes"}};
  for (const auto& [field, value] : bad) {
    nlohmann::json json = good;
    json[field] = value;
    INFO(field << " = " << value);
    CHECK_THAT(input_error_of([&] { read(json); }), Catch::Contains(field));
  }
  for (const char* name : {"gelu_new", "gelu_pytorch_tanh"}) {
    nlohmann::json json = good;
    json["activation_function"] = name;
    CHECK_NOTHROW(read(json));
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
