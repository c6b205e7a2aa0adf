// SPDX-License-Identifier: Apache-2.0
#include "host/model/config_json.hpp"

#include "host/model/config_fields.hpp"
#include "host/model/error.hpp"
#include "host/model/json_file.hpp"

namespace squat::model {
namespace {

void refuse_unsupported_llama(const JsonFields& fields) {
  if (fields.has("hidden_act") && fields.text("hidden_act") != "silu") {
    refuse_feature(fields, "hidden_act", "expected \"silu\", found \"" + fields.text("hidden_act").substr(0, 40) + "\"");
  }
  if (fields.has("rope_scaling")) refuse_feature(fields, "rope_scaling", "rotary scaling is not supported, expected null");
  require_feature(fields, "attention_bias", false, "projection biases are not supported, expected false");
  require_feature(fields, "mlp_bias", false, "projection biases are not supported, expected false");
  if (fields.has("sliding_window"))
    refuse_feature(fields, "sliding_window", "windowed attention is not supported, expected null");
  if (fields.real_or("partial_rotary_factor", 0.0, 1.0, 1.0) != 1.0) {
    refuse_feature(fields, "partial_rotary_factor", "rotating a part of the head is not supported, expected 1");
  }
}

/// rope_theta stands at the top level, or in rope_parameters in newer files.
double rope_theta(const JsonFields& fields) {
  if (!fields.has("rope_parameters")) return fields.real_or("rope_theta", 1.0, 1e9, 10000.0);
  const nlohmann::json& object = fields.at("rope_parameters");
  if (!object.is_object()) fields.fail("rope_parameters", "an object");
  const JsonFields inner(object, fields.file(), "rope_parameters.");
  if (inner.has("rope_type") && inner.text("rope_type") != "default") {
    refuse_feature(fields, "rope_parameters.rope_type",
                   "expected \"default\", found \"" + inner.text("rope_type").substr(0, 40) + "\"");
  }
  return inner.real_or("rope_theta", 1.0, 1e9, 10000.0);
}

nlohmann::ordered_json gpt2_to_json(const ModelConfig& c) {
  return {{"architectures", {"GPT2LMHeadModel"}},
          {"model_type", "gpt2"},
          {"vocab_size", c.vocab_size},
          {"n_embd", c.hidden_size},
          {"n_inner", c.intermediate_size},
          {"n_layer", c.layers},
          {"n_head", c.heads},
          {"n_positions", c.max_positions},
          {"activation_function", "gelu_new"},
          {"layer_norm_epsilon", c.rms_norm_eps},
          {"tie_word_embeddings", c.tied},
          {"bos_token_id", c.bos_id},
          {"eos_token_id", c.eos_id}};
}

}  // namespace

void refuse_feature(const JsonFields& fields, const std::string& field, const std::string& why) {
  throw input_error(fields.file() + ": field '" + field + "': " + why + "; only plain LLaMA and GPT-2 models are supported");
}

void require_feature(const JsonFields& fields, const char* field, bool value, const std::string& why) {
  if (fields.boolean_or(field, value) != value) refuse_feature(fields, field, why);
}

int token_id(const JsonFields& fields, const char* field, int vocab, int otherwise) {
  if (!fields.has(field)) {
    if (otherwise >= vocab) {
      fields.fail(field, "an id below vocab_size = " + std::to_string(vocab) + " (the default would be " +
                             std::to_string(otherwise) + ")");
    }
    return otherwise;
  }
  const nlohmann::json& value = fields.at(field);
  if (value.is_array() && !value.empty() && value[0].is_number_unsigned() &&
      value[0].get<std::uint64_t>() < static_cast<std::uint64_t>(vocab)) {
    return value[0].get<int>();
  }
  return static_cast<int>(fields.integer(field, 0, vocab - 1));
}

void check_head_size(const JsonFields& fields, int head_dim, const std::string& where) {
  if (head_dim >= 2 && head_dim % 2 == 0 && head_dim <= 1024) return;
  throw input_error(fields.file() + ": head size " + std::to_string(head_dim) + " (" + where +
                    "): expected an even number from 2 to 1024");
}

ModelConfig config_from_json(const nlohmann::json& json, const std::string& file) {
  const JsonFields fields(json, file);
  const std::string type = fields.text("model_type");
  if (type == "llama") return llama_config(fields);
  if (type == "gpt2") return gpt2_config(fields);
  refuse_feature(fields, "model_type", "expected \"llama\" or \"gpt2\", found \"" + type.substr(0, 40) + "\"");
}

ModelConfig llama_config(const JsonFields& fields) {
  refuse_unsupported_llama(fields);
  ModelConfig c;
  const auto positive = [&](const char* field, int hi) { return static_cast<int>(fields.integer(field, 1, hi)); };
  c.model_type = "llama";
  c.vocab_size = static_cast<int>(fields.integer("vocab_size", 2, 1 << 20));
  c.hidden_size = positive("hidden_size", 1 << 15);
  c.intermediate_size = positive("intermediate_size", 1 << 17);
  c.layers = positive("num_hidden_layers", 512);
  c.heads = positive("num_attention_heads", 1024);
  c.kv_heads = static_cast<int>(fields.integer_or("num_key_value_heads", 1, c.heads, c.heads));
  if (c.heads % c.kv_heads != 0)
    fields.fail("num_key_value_heads", "a divisor of num_attention_heads = " + std::to_string(c.heads));
  if (!fields.has("head_dim") && c.hidden_size % c.heads != 0) {
    fields.fail("hidden_size", "a multiple of num_attention_heads = " + std::to_string(c.heads));
  }
  c.head_dim = static_cast<int>(fields.integer_or("head_dim", 2, 1024, c.hidden_size / c.heads));
  check_head_size(fields, c.head_dim, "head_dim, or hidden_size / num_attention_heads");
  c.max_positions = static_cast<int>(fields.integer("max_position_embeddings", 2, 1 << 24));
  c.rms_norm_eps = fields.real("rms_norm_eps", 1e-12, 0.1);
  c.rope_theta = rope_theta(fields);
  c.tied = fields.boolean_or("tie_word_embeddings", false);
  c.bos_id = token_id(fields, "bos_token_id", c.vocab_size, 1);
  c.eos_id = token_id(fields, "eos_token_id", c.vocab_size, 2 < c.vocab_size ? 2 : 1);
  return c;
}

nlohmann::ordered_json config_to_json(const ModelConfig& c) {
  if (c.gpt2()) return gpt2_to_json(c);
  return {{"architectures", {"LlamaForCausalLM"}},
          {"model_type", "llama"},
          {"vocab_size", c.vocab_size},
          {"hidden_size", c.hidden_size},
          {"intermediate_size", c.intermediate_size},
          {"num_hidden_layers", c.layers},
          {"num_attention_heads", c.heads},
          {"num_key_value_heads", c.kv_heads},
          {"head_dim", c.head_dim},
          {"hidden_act", "silu"},
          {"rms_norm_eps", c.rms_norm_eps},
          {"rope_theta", c.rope_theta},
          {"max_position_embeddings", c.max_positions},
          {"tie_word_embeddings", c.tied},
          {"bos_token_id", c.bos_id},
          {"eos_token_id", c.eos_id}};
}

}  // namespace squat::model
