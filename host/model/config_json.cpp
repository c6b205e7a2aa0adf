// SPDX-License-Identifier: Apache-2.0
#include "host/model/config_json.hpp"

#include "host/model/error.hpp"
#include "host/model/json_file.hpp"

namespace squat::model {
namespace {

constexpr const char* kRunnable = "; only plain LLaMA models are supported";

void refuse(const std::string& file, const std::string& field, const std::string& why) {
  throw input_error(file + ": field '" + field + "': " + why + kRunnable);
}

void refuse_unsupported(const JsonFields& fields) {
  const std::string& file = fields.file();
  const std::string type = fields.text("model_type");
  if (type != "llama") refuse(file, "model_type", "expected \"llama\", found \"" + type.substr(0, 40) + "\"");
  if (fields.has("hidden_act") && fields.text("hidden_act") != "silu") {
    refuse(file, "hidden_act", "expected \"silu\", found \"" + fields.text("hidden_act").substr(0, 40) + "\"");
  }
  if (fields.has("rope_scaling")) refuse(file, "rope_scaling", "rotary scaling is not supported, expected null");
  if (fields.boolean_or("attention_bias", false))
    refuse(file, "attention_bias", "projection biases are not supported, expected false");
  if (fields.boolean_or("mlp_bias", false)) refuse(file, "mlp_bias", "projection biases are not supported, expected false");
  if (fields.has("sliding_window")) refuse(file, "sliding_window", "windowed attention is not supported, expected null");
  if (fields.real_or("partial_rotary_factor", 0.0, 1.0, 1.0) != 1.0) {
    refuse(file, "partial_rotary_factor", "rotating a part of the head is not supported, expected 1");
  }
}

/// rope_theta stands at the top level, or in rope_parameters in newer files.
double rope_theta(const JsonFields& fields) {
  if (!fields.has("rope_parameters")) return fields.real_or("rope_theta", 1.0, 1e9, 10000.0);
  const nlohmann::json& object = fields.at("rope_parameters");
  if (!object.is_object()) fields.fail("rope_parameters", "an object");
  const JsonFields inner(object, fields.file(), "rope_parameters.");
  if (inner.has("rope_type") && inner.text("rope_type") != "default") {
    refuse(fields.file(), "rope_parameters.rope_type",
           "expected \"default\", found \"" + inner.text("rope_type").substr(0, 40) + "\"");
  }
  return inner.real_or("rope_theta", 1.0, 1e9, 10000.0);
}

/// Hugging Face allows one id or a list of them; the first one is used.
int token_id(const JsonFields& fields, const char* field, int vocab, int otherwise) {
  if (!fields.has(field)) return otherwise;
  const nlohmann::json& value = fields.at(field);
  if (value.is_array() && !value.empty() && value[0].is_number_unsigned() &&
      value[0].get<std::uint64_t>() < static_cast<std::uint64_t>(vocab)) {
    return value[0].get<int>();
  }
  return static_cast<int>(fields.integer(field, 0, vocab - 1));
}

}  // namespace

ModelConfig config_from_json(const nlohmann::json& json, const std::string& file) {
  const JsonFields fields(json, file);
  refuse_unsupported(fields);
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
  if (c.head_dim < 2 || c.head_dim % 2 != 0 || c.head_dim > 1024) {
    throw input_error(file + ": head size " + std::to_string(c.head_dim) +
                      " (head_dim, or hidden_size / num_attention_heads): " + "expected an even number from 2 to 1024");
  }
  c.max_positions = static_cast<int>(fields.integer("max_position_embeddings", 2, 1 << 24));
  c.rms_norm_eps = fields.real("rms_norm_eps", 1e-12, 0.1);
  c.rope_theta = rope_theta(fields);
  c.tied = fields.boolean_or("tie_word_embeddings", false);
  c.bos_id = token_id(fields, "bos_token_id", c.vocab_size, 1);
  c.eos_id = token_id(fields, "eos_token_id", c.vocab_size, 2 < c.vocab_size ? 2 : 1);
  return c;
}

nlohmann::ordered_json config_to_json(const ModelConfig& c) {
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
