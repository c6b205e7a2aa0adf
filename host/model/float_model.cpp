// SPDX-License-Identifier: Apache-2.0
#include "host/model/float_model.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <numeric>
#include <utility>

#include "host/model/config_json.hpp"
#include "host/model/error.hpp"
#include "host/model/float_bytes.hpp"
#include "host/model/float_tensors.hpp"
#include "host/model/json_file.hpp"
#include "host/model/output_file.hpp"
#include "host/model/tensor_store.hpp"

namespace squat::model {
namespace {

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

std::uint16_t checked_half(float v, const std::string& name) {
  if (std::fabs(v) < 65520.0f) return float_to_half(v);
  throw usage_error(name + ": FP16 holds magnitudes below 65520, found " + std::to_string(v) + "; store the model as FP32");
}

bool ends_with(const std::string& name, std::initializer_list<const char*> suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(), [&](const std::string& suffix) {
    return name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0;
  });
}

/// As the published Squat and LSQ modules name them.
bool is_quantiser_scalar(const std::string& name) { return ends_with(name, {".alpha", ".zero_point", ".signed"}); }

/// Buffers that old exporters stored although they follow from config.json.
bool is_rotary_buffer(const std::string& name) { return ends_with(name, {".self_attn.rotary_emb.inv_freq"}); }

/// The causal mask, which hub files of GPT-2 carry.
bool is_mask_buffer(const std::string& name) { return ends_with(name, {".attn.bias", ".attn.masked_bias"}); }

/// GPT-2 files name their tensors with or without "transformer.".
std::string prefix_to_drop(const TensorStore& store, const ModelConfig& config) {
  const std::string prefix = "transformer.";
  return config.gpt2() && !store.contains(prefix + "wte.weight") && store.contains("wte.weight") ? prefix : "";
}

/// Values of one tensor of the file after the other; c_attn is asked for three times in a row.
class FileTensors {
 public:
  FileTensors(TensorStore& store, std::string dropped) : store_(store), dropped_(std::move(dropped)) {}

  const std::vector<float>& read(const FilePlace& place) {
    if (place.tensor != name_) {
      name_ = place.tensor;
      const bool drop = name_.compare(0, dropped_.size(), dropped_) == 0;
      values_ = read_floats(store_, name_.substr(drop ? dropped_.size() : 0), place.shape());
    }
    return values_;
  }

 private:
  TensorStore& store_;
  std::string dropped_;  ///< prefix that the file's names lack
  std::string name_;
  std::vector<float> values_;
};

}  // namespace

void set_shapes(FloatModel& model) {
  const ModelConfig& c = model.config;
  const auto set = [](FloatMatrix& m, int rows, int cols) { m.rows = rows, m.cols = cols; };
  model.layers.resize(static_cast<std::size_t>(c.layers));
  set(model.embedding, c.vocab_size, c.hidden_size);
  if (c.gpt2()) set(model.positions, c.max_positions, c.hidden_size);
  if (!c.tied) set(model.lm_head, c.vocab_size, c.hidden_size);
  for (FloatLayer& l : model.layers) {
    set(l.q, c.q_size(), c.hidden_size);
    set(l.k, c.kv_size(), c.hidden_size);
    set(l.v, c.kv_size(), c.hidden_size);
    set(l.o, c.hidden_size, c.q_size());
    if (!c.gpt2()) set(l.gate, c.intermediate_size, c.hidden_size);
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
  FileTensors tensors(store, prefix_to_drop(store, model.config));
  for_each_weight(model, [&](const FilePlace& place, std::vector<float>& values) {
    const std::vector<float>& from = tensors.read(place);
    values.resize(place.size());
    place.for_each_element([&](std::size_t here, std::size_t there) { values[here] = from[there]; });
  });
  const std::string head = "lm_head.weight";
  if (model.config.tied && store.contains(head)) {
    const Shape shape = {static_cast<std::uint64_t>(model.config.vocab_size),
                         static_cast<std::uint64_t>(model.config.hidden_size)};
    if (read_floats(store, head, shape) != model.embedding.w) {
      throw store.error(head, 0, "the embedding table (config.json says tie_word_embeddings)", "other weights",
                        "set tie_word_embeddings to false if the head is its own");
    }
  }
  for (const std::string& name : store.names()) {
    if (is_quantiser_scalar(name)) model.quantiser_scalars[name] = read_floats(store, name, {1})[0];
  }
  store.expect_all_used(model.config.gpt2() ? is_mask_buffer : is_rotary_buffer);
  return model;
}

void write_float_model(const FloatModel& model, const std::filesystem::path& directory, StoredAs stored) {
  nlohmann::ordered_json json = config_to_json(model.config);
  const bool half = stored == StoredAs::kFloat16;
  json["torch_dtype"] = half ? "float16" : "float32";
  std::vector<TensorData> tensors;
  for_each_weight(model, [&](const FilePlace& place, const std::vector<float>& values) {
    if (tensors.empty() || tensors.back().name != place.tensor) {
      const Dtype dtype = half ? Dtype::kF16 : Dtype::kF32;
      const Shape shape = place.shape();
      const std::uint64_t size = std::accumulate(shape.begin(), shape.end(), dtype_bytes(dtype), std::multiplies<>());
      tensors.push_back({place.tensor, dtype, shape, std::vector<std::uint8_t>(size)});
    }
    std::vector<std::uint8_t>& bytes = tensors.back().bytes;
    place.for_each_element([&](std::size_t here, std::size_t there) {
      if (half) {
        store_le(&bytes[2 * there], checked_half(values[here], place.tensor));
      } else {
        store_le(&bytes[4 * there], bit_copy<std::uint32_t>(values[here]));
      }
    });
  });
  write_safetensors(directory / "model.safetensors", tensors, {{"format", "pt"}});
  json[kProducerField] = "squat";
  write_text_file(directory / "config.json", json.dump(2) + "\n");
}

}  // namespace squat::model
