// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "host/model/config_json.hpp"
#include "host/model/float_bytes.hpp"
#include "host/model/integer_check.hpp"
#include "host/model/integer_files.hpp"
#include "host/model/integer_tensors.hpp"
#include "host/model/json_file.hpp"
#include "host/model/tensor_store.hpp"
#include "host/model/width_names.hpp"

namespace squat::model {
namespace {

/// Shapes and element types; the values are checked by check_integer_model.
class Reader {
 public:
  explicit Reader(TensorStore& store) : store_(store) {}

  void matrix(const std::string& name, IntMatrix& m, const MatrixForm& form) {
    const auto r = static_cast<std::uint64_t>(form.rows), c = static_cast<std::uint64_t>(form.cols);
    const std::string tensor = name + ".qweight";
    m.rows = form.rows, m.cols = form.cols, m.bits = form.bits;
    if (form.bits == 8) {
      store_.read(tensor, {r, c}, {Dtype::kI8}, [&m](std::size_t bytes) {
        m.codes.resize(bytes);
        return reinterpret_cast<std::uint8_t*>(m.codes.data());
      });
    } else {
      store_.read(tensor, {r, c / 2}, {Dtype::kU8}, [this](std::size_t bytes) {
        packed_.resize(bytes);
        return packed_.data();
      });
      m.codes.resize(2 * packed_.size());
      std::int8_t* code = m.codes.data();  // not looked up for every code, so that compilers vectorise the loop
      for (const std::uint8_t byte : packed_) {
        *code++ = static_cast<std::int8_t>(((byte & 15) ^ 8) - 8);  // extends the sign of a nibble
        *code++ = static_cast<std::int8_t>(((byte >> 4) ^ 8) - 8);
      }
    }
    real(name + ".scale", m.scale);
    if (form.bias) integers(name + ".bias", m.bias, form.rows);
  }

  void norm(const std::string& name, IntNorm& n, const NormForm& form) {
    integers(name + ".gain", n.gain, form.size);
    if (form.beta) integers(name + ".beta", n.beta, form.size);
    integer(name + ".shift", n.shift, 0, 0);
  }

  void requant(const std::string& name, hls::Requant& r) {
    const auto bytes = store_.read(name, {2}, {Dtype::kI32});
    r = {load_le<std::uint32_t>(&bytes[0]), load_le<std::uint32_t>(&bytes[4])};
  }

  void integer(const std::string& name, int& value, int, int) {
    value = static_cast<std::int32_t>(load_le<std::uint32_t>(store_.read(name, {1}, {Dtype::kI32}).data()));
  }
  void rope_step(const std::string& name, std::vector<std::uint32_t>& steps, int size) {
    const auto bytes = store_.read(name, {static_cast<std::uint64_t>(size)}, {Dtype::kU32});
    steps.clear();
    for (std::size_t i = 0; i < bytes.size(); i += 4) steps.push_back(load_le<std::uint32_t>(&bytes[i]));
  }
  void norm_eps(const std::string& name, std::uint64_t& value) {
    value = load_le<std::uint64_t>(store_.read(name, {1}, {Dtype::kU64}).data());
  }
  void real(const std::string& name, double& value) {
    value = bit_copy<double>(load_le<std::uint64_t>(store_.read(name, {1}, {Dtype::kF64}).data()));
  }

 private:
  void integers(const std::string& name, std::vector<std::int32_t>& values, int size) {
    const auto bytes = store_.read(name, {static_cast<std::uint64_t>(size)}, {Dtype::kI32});
    values.clear();
    for (std::size_t i = 0; i < bytes.size(); i += 4)
      values.push_back(static_cast<std::int32_t>(load_le<std::uint32_t>(&bytes[i])));
  }

  TensorStore& store_;
  WeightBytes packed_;  ///< of the matrix that is being read; its memory serves the next
};

void read_quantization(const nlohmann::json& config, const std::string& file, IntegerModel& model) {
  const JsonFields top(config, file);
  const nlohmann::json& object = top.at("quantization_config");
  if (!object.is_object()) top.fail("quantization_config", "an object");
  const JsonFields q(object, file, "quantization_config.");
  if (q.text("quant_method") != "squat")
    q.fail("quant_method", "\"squat\" (other quantised models cannot be run; use the original checkpoint)");
  q.integer("format_version", 1, 1);
  model.weight_bits = static_cast<int>(q.integer("weight_bits", 4, 8));
  if (model.weight_bits != 4 && model.weight_bits != 8) q.fail("weight_bits", "4 or 8");
  q.integer("embedding_bits", 8, 8);
  const auto activations = parse_activations(q.text("activations"));
  if (!activations) q.fail("activations", "\"8\", \"4\" or \"mixed\"");
  WidthPolicy& w = model.widths;
  w.activations = *activations;
  if (w.activations != Activations::kMixed) return;
  const double rho_num = q.real("rho", 0, 1) * hls::kRhoDen;
  if (rho_num != std::floor(rho_num)) q.fail("rho", "a multiple of 1/1024");
  w.rho_num = static_cast<std::uint32_t>(rho_num);
  const auto rule = parse_rule(q.text("rule"));
  if (!rule) q.fail("rule", "\"sequence\", \"budget\", \"prefix\", \"random\" or \"reversed\"");
  w.rule = *rule;
  w.seed = static_cast<std::uint32_t>(q.integer("seed", 0, UINT32_MAX));
  const nlohmann::json& thresholds = q.at("thresholds");
  const std::string expected = std::to_string(model.config.layers) + " integers from 0 to 4294967295, one per layer";
  if (!thresholds.is_array() || thresholds.size() != static_cast<std::size_t>(model.config.layers))
    q.fail("thresholds", expected);
  for (const nlohmann::json& t : thresholds) {
    if (!t.is_number_unsigned() || t.get<std::uint64_t>() > UINT32_MAX) q.fail("thresholds", expected);
    w.thresholds.push_back(t.get<std::uint32_t>());
  }
}

}  // namespace

IntegerModel read_integer_model(const std::filesystem::path& directory) {
  const std::filesystem::path config_path = directory / "config.json";
  const nlohmann::json config = read_json_object(config_path);
  IntegerModel model;
  model.config = config_from_json(config, config_path.string());
  read_quantization(config, config_path.string(), model);
  model.layers.resize(static_cast<std::size_t>(model.config.layers));
  TensorStore store(directory);
  store.require_checksums();
  Reader reader(store);
  for_each_integer_tensor(model, reader);
  if (model.config.gpt2()) model.rope_step.assign(static_cast<std::size_t>(model.config.head_dim) / 2, 0);
  store.expect_all_used([](const std::string&) { return false; });
  check_integer_model(model, (directory / "model.safetensors").string());
  return model;
}

}  // namespace squat::model
