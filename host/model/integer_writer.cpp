// SPDX-License-Identifier: Apache-2.0
#include "host/model/config_json.hpp"
#include "host/model/float_bytes.hpp"
#include "host/model/integer_check.hpp"
#include "host/model/integer_files.hpp"
#include "host/model/integer_tensors.hpp"
#include "host/model/output_file.hpp"
#include "host/model/safetensors.hpp"
#include "host/model/width_names.hpp"

namespace squat::model {
namespace {

class Writer {
 public:
  std::vector<TensorData> tensors;

  void matrix(const std::string& name, const IntMatrix& m, const MatrixForm& form) {
    const auto r = static_cast<std::uint64_t>(form.rows), c = static_cast<std::uint64_t>(form.cols);
    if (form.bits == 8) {
      TensorData& t = add(name + ".qweight", Dtype::kI8, {r, c});
      t.bytes.assign(reinterpret_cast<const std::uint8_t*>(m.codes.data()),
                     reinterpret_cast<const std::uint8_t*>(m.codes.data()) + m.codes.size());
    } else {
      TensorData& t = add(name + ".qweight", Dtype::kU8, {r, c / 2});
      t.bytes.reserve(m.codes.size() / 2);
      for (std::size_t i = 0; i < m.codes.size(); i += 2) {
        t.bytes.push_back(static_cast<std::uint8_t>((m.codes[i] & 15) | (m.codes[i + 1] & 15) << 4));
      }
    }
    real(name + ".scale", m.scale);
    if (form.bias) integers(name + ".bias", m.bias);
  }

  void norm(const std::string& name, const IntNorm& n, const NormForm& form) {
    integers(name + ".gain", n.gain);
    if (form.beta) integers(name + ".beta", n.beta);
    integer(name + ".shift", n.shift, 0, 0);
  }

  void requant(const std::string& name, const hls::Requant& r) {
    TensorData& t = add(name, Dtype::kI32, {2});
    append_le(t.bytes, r.m);
    append_le(t.bytes, r.s);
  }

  void integer(const std::string& name, int value, int, int) {
    append_le(add(name, Dtype::kI32, {1}).bytes, static_cast<std::uint32_t>(value));
  }
  void rope_step(const std::string& name, const std::vector<std::uint32_t>& steps, int size) {
    TensorData& t = add(name, Dtype::kU32, {static_cast<std::uint64_t>(size)});
    for (const std::uint32_t s : steps) append_le(t.bytes, s);
  }
  void norm_eps(const std::string& name, std::uint64_t value) { append_le(add(name, Dtype::kU64, {1}).bytes, value); }
  void real(const std::string& name, double value) {
    append_le(add(name, Dtype::kF64, {1}).bytes, bit_copy<std::uint64_t>(value));
  }

 private:
  void integers(const std::string& name, const std::vector<std::int32_t>& values) {
    TensorData& t = add(name, Dtype::kI32, {values.size()});
    for (const std::int32_t v : values) append_le(t.bytes, static_cast<std::uint32_t>(v));
  }

  TensorData& add(const std::string& name, Dtype dtype, Shape shape) {
    tensors.push_back({name, dtype, std::move(shape), {}});
    return tensors.back();
  }
};

nlohmann::ordered_json quantization_config(const IntegerModel& model) {
  const WidthPolicy& w = model.widths;
  nlohmann::ordered_json q = {{"quant_method", "squat"},
                              {"format_version", 1},
                              {"weight_bits", model.weight_bits},
                              {"embedding_bits", 8},
                              {"activations", activations_name(w.activations)}};
  if (w.activations == Activations::kMixed) {
    q["rho"] = static_cast<double>(w.rho_num) / hls::kRhoDen;
    q["rule"] = rule_name(w.rule);
    q["seed"] = w.seed;
    q["thresholds"] = w.thresholds;
  }
  return q;
}

}  // namespace

void write_integer_model(const IntegerModel& model, const std::filesystem::path& directory) {
  check_integer_model(model, directory.string());
  Writer writer;
  for_each_integer_tensor(model, writer);
  nlohmann::ordered_json config = config_to_json(model.config);
  config["quantization_config"] = quantization_config(model);
  write_safetensors(directory / "model.safetensors", writer.tensors, {{"format", "pt"}});
  write_text_file(directory / "config.json", config.dump(2) + "\n");
}

}  // namespace squat::model
