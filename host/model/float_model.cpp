// SPDX-License-Identifier: Apache-2.0
#include "host/model/float_model.hpp"

#include <cmath>
#include <random>

#include "host/model/config_json.hpp"
#include "host/model/error.hpp"
#include "host/model/float_bytes.hpp"
#include "host/model/json_file.hpp"
#include "host/model/output_file.hpp"
#include "host/model/tensor_store.hpp"

namespace squat::model {
namespace {

Shape shape_of(int rows, int cols) {
  return rows == 0 ? Shape{static_cast<std::uint64_t>(cols)}
                   : Shape{static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(cols)};
}

std::vector<float> read_floats(TensorStore& store, const std::string& name, const Shape& shape) {
  const std::vector<std::uint8_t> bytes = store.read(name, shape, {Dtype::kF32, Dtype::kF16, Dtype::kBF16});
  const Dtype dtype = store.dtype(name);
  const std::size_t width = dtype_bytes(dtype);
  std::vector<float> values(bytes.size() / width);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint8_t* p = bytes.data() + i * width;
    values[i] = dtype == Dtype::kF32   ? bit_copy<float>(load_le<std::uint32_t>(p))
                : dtype == Dtype::kF16 ? half_to_float(load_le<std::uint16_t>(p))
                                       : bf16_to_float(load_le<std::uint16_t>(p));
    if (!std::isfinite(values[i])) {
      throw store.error(name, i * width, "finite weights", std::isnan(values[i]) ? "NaN" : "infinity",
                        "the training run diverged or the file is damaged: use another checkpoint");
    }
  }
  return values;
}

/// As the published Squat and LSQ modules name them.
bool is_quantiser_scalar(const std::string& name) {
  for (const std::string suffix : {".alpha", ".zero_point", ".signed"}) {
    if (name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0) return true;
  }
  return false;
}

/// Buffers that old exporters stored although they follow from config.json.
bool is_rotary_buffer(const std::string& name) {
  const std::string suffix = ".self_attn.rotary_emb.inv_freq";
  return name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
}

}  // namespace

void set_shapes(FloatModel& model) {
  const ModelConfig& c = model.config;
  const auto set = [](FloatMatrix& m, int rows, int cols) { m.rows = rows, m.cols = cols; };
  model.layers.resize(static_cast<std::size_t>(c.layers));
  set(model.embedding, c.vocab_size, c.hidden_size);
  if (!c.tied) set(model.lm_head, c.vocab_size, c.hidden_size);
  for (FloatLayer& l : model.layers) {
    set(l.q, c.q_size(), c.hidden_size);
    set(l.k, c.kv_size(), c.hidden_size);
    set(l.v, c.kv_size(), c.hidden_size);
    set(l.o, c.hidden_size, c.q_size());
    set(l.gate, c.intermediate_size, c.hidden_size);
    set(l.up, c.intermediate_size, c.hidden_size);
    set(l.down, c.hidden_size, c.intermediate_size);
  }
}

FloatModel read_float_model(const std::filesystem::path& directory) {
  const std::filesystem::path config_path = directory / "config.json";
  const nlohmann::json json = read_json_object(config_path);
  FloatModel model;
  model.config = config_from_json(json, config_path.string());
  if (json.contains("quantization_config") && !json.at("quantization_config").is_null()) {
    throw input_error(config_path.string() +
                      ": field 'quantization_config': expected unquantised weights, found a quantised model; " +
                      "use the original checkpoint");
  }
  set_shapes(model);
  TensorStore store(directory);
  for_each_parameter(model, [&](const std::string& name, std::vector<float>& values, int rows, int cols) {
    values = read_floats(store, name, shape_of(rows, cols));
  });
  const std::string head = "lm_head.weight";
  if (model.config.tied && store.contains(head)) {
    if (read_floats(store, head, shape_of(model.config.vocab_size, model.config.hidden_size)) != model.embedding.w) {
      throw store.error(head, 0, "the embedding table (config.json says tie_word_embeddings)", "other weights",
                        "set tie_word_embeddings to false if the head is its own");
    }
  }
  for (const std::string& name : store.names()) {
    if (is_quantiser_scalar(name)) model.quantiser_scalars[name] = read_floats(store, name, {1})[0];
  }
  store.expect_all_used(is_rotary_buffer);
  return model;
}

void write_float_model(const FloatModel& model, const std::filesystem::path& directory, StoredAs stored) {
  nlohmann::ordered_json json = config_to_json(model.config);
  const bool half = stored == StoredAs::kFloat16;
  json["torch_dtype"] = half ? "float16" : "float32";
  std::vector<TensorData> tensors;
  for_each_parameter(model, [&](const std::string& name, const std::vector<float>& values, int rows, int cols) {
    TensorData t{name, half ? Dtype::kF16 : Dtype::kF32, shape_of(rows, cols), {}};
    t.bytes.reserve(values.size() * dtype_bytes(t.dtype));
    for (const float v : values) {
      if (half && !(std::fabs(v) < 65520.0f)) {
        throw usage_error(name + ": FP16 holds magnitudes below 65520, found " + std::to_string(v) +
                          "; store the model as FP32");
      }
      if (half) {
        append_le(t.bytes, float_to_half(v));
      } else {
        append_le(t.bytes, bit_copy<std::uint32_t>(v));
      }
    }
    tensors.push_back(std::move(t));
  });
  write_safetensors(directory / "model.safetensors", tensors, {{"format", "pt"}});
  json[kProducerField] = "squat";
  write_text_file(directory / "config.json", json.dump(2) + "\n");
}

FloatModel random_float_model(const ModelConfig& config, std::uint64_t seed) {
  FloatModel model;
  model.config = config;
  set_shapes(model);
  std::mt19937_64 random(seed);
  // The sum of 12 uniform numbers: close enough to normal, and without libm the same bits everywhere.
  const auto normal = [&] {
    double sum = -6.0;
    for (int half = 0; half < 3; ++half) {
      const std::uint64_t bits = random();
      for (int part = 0; part < 4; ++part) sum += static_cast<double>((bits >> (16 * part)) & 0xffffu) / 65536.0;
    }
    return static_cast<float>(0.02 * sum);
  };
  for_each_parameter(model, [&](const std::string&, std::vector<float>& values, int rows, int cols) {
    values.assign(static_cast<std::size_t>(rows == 0 ? 1 : rows) * static_cast<std::size_t>(cols), 1.0f);
    if (rows != 0) {
      for (float& v : values) v = normal();
    }
  });
  return model;
}

}  // namespace squat::model
