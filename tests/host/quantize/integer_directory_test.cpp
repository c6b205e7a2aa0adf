// SPDX-License-Identifier: Apache-2.0
// Integer model directories: what is written is read back, and nothing damaged or out of range gets through.
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "host/model/integer_files.hpp"
#include "host/model/integer_tensors.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/safetensors.hpp"
#include "host/quantize/quantize.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/support.hpp"

namespace squat::model {
namespace {

namespace fs = std::filesystem;
using test::input_error_of;
using test::TemporaryDirectory;

IntegerModel quantized(int weight_bits, Activations activations, const ModelConfig& config) {
  const FloatModel model = quantize::random_float_model(config, 4);
  std::mt19937 random(5);
  std::vector<int> ids(600);
  for (int& id : ids) id = static_cast<int>(random() % 48);
  quantize::QuantizeOptions options;
  options.weight_bits = weight_bits;
  options.activations = activations;
  options.seed = 4000000000u;
  options.calibration.windows = 2;
  options.calibration.samples = 2000;
  return quantize::quantize_model(model, ids, options).model;
}

const ModelConfig kTied = test::small_config(true), kUntied = test::small_config(false), kGpt2 = test::small_gpt2_config();

std::vector<TensorData> tensors_of(const fs::path& directory) {
  const SafetensorsFile f(directory / "model.safetensors");
  std::vector<TensorData> out;
  for (const TensorInfo& t : f.tensors()) out.push_back({t.name, t.dtype, t.shape, f.read(t)});
  return out;
}

/// Every value of a model as text.
struct Dump {
  std::string text;
  void matrix(const std::string& name, const IntMatrix& m, const MatrixForm&) {
    text += name + std::to_string(m.rows) + "," + std::to_string(m.cols) + "," + std::to_string(m.bits) + "," +
            std::to_string(m.scale);
    for (const std::int8_t c : m.codes) text += " " + std::to_string(c);
    for (const std::int32_t b : m.bias) text += " bias " + std::to_string(b);
  }
  void norm(const std::string& name, const IntNorm& n, const NormForm&) {
    text += name + std::to_string(n.shift);
    for (const std::int32_t g : n.gain) text += " " + std::to_string(g);
    for (const std::int32_t b : n.beta) text += " beta " + std::to_string(b);
  }
  void requant(const std::string& name, const hls::Requant& r) {
    text += name + std::to_string(r.m) + "," + std::to_string(r.s);
  }
  void integer(const std::string& name, int v, int, int) { text += name + std::to_string(v); }
  void rope_step(const std::string& name, const std::vector<std::uint32_t>& steps, int) {
    text += name;
    for (const std::uint32_t s : steps) text += " " + std::to_string(s);
  }
  void norm_eps(const std::string& name, std::uint64_t v) { text += name + std::to_string(v); }
  void real(const std::string& name, double v) { text += name + std::to_string(v); }
};

std::string dump(const IntegerModel& model) {
  Dump d;
  for_each_integer_tensor(model, d);
  const WidthPolicy& w = model.widths;
  d.text += std::to_string(static_cast<int>(w.activations)) + std::to_string(w.rho_num);
  if (w.activations == Activations::kMixed) d.text += std::to_string(w.seed) + std::to_string(static_cast<int>(w.rule));
  for (const std::uint32_t t : w.thresholds) d.text += " " + std::to_string(t);
  return d.text;
}

}  // namespace

TEST_CASE("integer models survive writing and reading") {
  for (const ModelConfig& config : {kTied, kUntied, kGpt2}) {
    for (const auto& [bits, activations] : {std::pair{8, Activations::k8}, std::pair{4, Activations::k8},
                                            std::pair{4, Activations::k4}, std::pair{4, Activations::kMixed}}) {
      const TemporaryDirectory dir;
      const IntegerModel model = quantized(bits, activations, config);
      write_integer_model(model, dir.path());
      const IntegerModel back = read_integer_model(dir.path());
      CHECK(dump(model) == dump(back));
      CHECK(back.weight_bits == bits);
      CHECK(back.rope_step == model.rope_step);
      fs::create_directory(dir.path() / "again");
      write_integer_model(back, dir.path() / "again");
      CHECK(test::read_bytes(dir.path() / "model.safetensors") == test::read_bytes(dir.path() / "again" / "model.safetensors"));
      CHECK(test::read_bytes(dir.path() / "config.json") == test::read_bytes(dir.path() / "again" / "config.json"));
    }
  }
}

TEST_CASE("load_model_directory tells the kinds apart and copies companions") {
  const TemporaryDirectory dir;
  const fs::path real = dir.path() / "real", integer = dir.path() / "integer";
  write_model_directory(quantize::random_float_model(test::small_config(true), 4), real, {});
  test::write_bytes(real / "sp.model", "vocabulary");
  test::write_bytes(real / "generation_config.json", "{}");
  write_model_directory(quantized(4, Activations::kMixed, kTied), integer, real);
  CHECK(load_model_directory(real).real() != nullptr);
  CHECK(load_model_directory(integer).integer() != nullptr);
  CHECK(load_model_directory(integer).config().vocab_size == 48);
  CHECK(test::read_bytes(integer / "tokenizer.model") == "vocabulary");
  CHECK(fs::exists(integer / "generation_config.json"));
  CHECK_THAT(input_error_of([&] { load_model_directory(dir.path() / "none"); }), Catch::Contains("found nothing"));
  CHECK_THAT(input_error_of([&] { load_model_directory(integer / "config.json"); }), Catch::Contains("found a file"));
  input_error_of([&] { load_model_directory(dir.path()); });
  CHECK_THAT(input_error_of([&] { read_float_model(integer); }), Catch::Contains("quantization_config"));
}

TEST_CASE("every missing, extra or re-typed tensor is an error that names it") {
  for (const ModelConfig& config : {kUntied, kGpt2}) {
    const TemporaryDirectory dir;
    write_integer_model(quantized(4, Activations::kMixed, config), dir.path());
    const auto all = tensors_of(dir.path());
    const auto refused = [&](const std::vector<TensorData>& tensors, const std::string& name) {
      write_safetensors(dir.path() / "model.safetensors", tensors, {});
      CHECK_THAT(input_error_of([&] { read_integer_model(dir.path()); }), Catch::Contains("'" + name));
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto changed = all;
      changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
      refused(changed, all[i].name);
      changed = all;
      changed[i].shape.insert(changed[i].shape.begin(), 1);
      refused(changed, all[i].name);
      changed = all;
      changed[i].dtype = Dtype::kBool;
      changed[i].shape = {changed[i].bytes.size()};
      refused(changed, all[i].name);
    }
    auto more = all;
    more.push_back({"surprise", Dtype::kI8, {1}, {0}});
    refused(more, "surprise");
  }
}

namespace {

/// A model whose tensor `name` starts with these bytes must be refused with both texts.
void refused_value(const IntegerModel& model, const std::string& name, const std::vector<std::uint8_t>& bytes,
                   const std::string& reason) {
  const TemporaryDirectory dir;
  write_integer_model(model, dir.path());
  auto tensors = tensors_of(dir.path());
  bool found = false;
  for (TensorData& t : tensors) {
    if (t.name != name) continue;
    found = true;
    std::copy(bytes.begin(), bytes.end(), t.bytes.begin());
  }
  INFO(name);
  REQUIRE(found);
  write_safetensors(dir.path() / "model.safetensors", tensors, {});
  CHECK_THAT(input_error_of([&] { read_integer_model(dir.path()); }), Catch::Contains(name) && Catch::Contains(reason));
}

}  // namespace

TEST_CASE("values outside their range are errors that name the field") {
  const auto refused = [](int bits, const std::string& name, const std::vector<std::uint8_t>& bytes,
                          const std::string& reason) {
    refused_value(quantized(bits, Activations::k8, kTied), name, bytes, reason);
  };
  const std::string layer = "model.layers.1.";
  refused(4, layer + "mlp.up_proj.qweight", {0x18}, "found -8 in row 0, column 0");
  refused(4, layer + "mlp.up_proj.qweight", {0x81}, "found -8 in row 0, column 1");
  refused(8, layer + "mlp.up_proj.qweight", {0x80}, "found -128");
  refused(4, "model.embed_tokens.qweight", {0x80}, "found -128");
  refused(4, layer + "self_attn.score.requant", {0xff, 0xff, 0, 0}, "65536 to 131071");
  refused(4, layer + "self_attn.score.requant", {0, 0, 2, 0}, "65536 to 131071");
  refused(4, layer + "self_attn.score.requant", {0, 0, 0, 0xff}, "multiplier");
  refused(4, layer + "mlp.down_proj.input_requant", {0, 0, 1, 0, 0, 0, 0, 0}, "1 to 46");
  refused(4, layer + "mlp.down_proj.input_requant", {0, 0, 1, 0, 47, 0, 0, 0}, "1 to 46");
  refused(4, layer + "mlp.gate_up_frac", {10}, "6 to 9");
  refused(4, layer + "mlp.gate_up_frac", {0xff, 0xff, 0xff, 0xff}, "6 to 9");
  refused(4, layer + "input_layernorm.gain", {0, 0, 2, 0}, "131071");
  refused(4, "model.norm.shift", {60}, "1 to 59");
  refused(4, "model.norm_eps", {0, 0, 0, 0, 0, 0x20, 0, 0}, "2^45");
  refused(4, "lm_head.logit_scale", {0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, "positive finite");
  refused(4, "model.embed_tokens.scale", {0, 0, 0, 0, 0, 0, 0xf8, 0xff}, "positive finite");
}

TEST_CASE("values of GPT-2's own tensors outside their range are errors") {
  const IntegerModel model = quantized(4, Activations::k8, kGpt2);
  const auto refused = [&](const std::string& name, const std::vector<std::uint8_t>& bytes, const std::string& reason) {
    refused_value(model, "transformer." + name, bytes, reason);
  };
  refused("wpe.qweight", {0x80}, "found -128 in row 0, column 0");
  refused("wpe.scale", {0, 0, 0, 0, 0, 0, 0xf8, 0x7f}, "positive finite");
  refused("wpe.requant", {0xff, 0xff, 0, 0}, "65536 to 131071");
  refused("norm_mean", {1, 0, 1, 0}, "expected 1 / 32 (hidden_size), found 65537 * 2^-21");
  refused("norm_mean", {0, 0, 1, 0, 22, 0, 0, 0}, "found 65536 * 2^-22");
  refused("h.1.attn.c_proj.qweight", {0x18}, "found -8");
  refused("h.1.attn.q_proj.bias", {0, 0, 0, 4}, "67108864 in row 0");
  refused("h.1.attn.v_proj.bias", {0, 0, 0, 0x80}, "-2147483648 in row 0");
  refused("h.0.mlp.c_fc.bias", {0xff, 0xff, 0xff, 3}, "67108863 in row 0");
  refused("h.0.mlp.c_fc_frac", {5}, "6 to 9");
  refused("h.0.ln_1.gain", {0, 0, 2, 0}, "131071");
  refused("h.0.ln_1.beta", {0, 0, 0x80, 0}, "8388607");
  refused("h.1.ln_2.beta", {0, 0, 0x80, 0xff}, "8388607");
  refused("ln_f.shift", {8}, "9 to 59");
  refused("ln_f.shift", {60}, "9 to 59");
}

TEST_CASE("a config.json of the other architecture does not fit the tensors") {
  const TemporaryDirectory dir, other;
  write_integer_model(quantized(4, Activations::k8, kGpt2), dir.path());
  write_integer_model(quantized(4, Activations::k8, kTied), other.path());
  fs::copy_file(other.path() / "config.json", dir.path() / "config.json", fs::copy_options::overwrite_existing);
  CHECK_THAT(input_error_of([&] { read_integer_model(dir.path()); }), Catch::Contains("'model.embed_tokens.qweight'"));
}

TEST_CASE("rows whose accumulator could pass 26 bits are refused") {
  IntegerModel model = quantized(8, Activations::k8, kTied);
  const TemporaryDirectory dir;
  model.config.intermediate_size = 4129;  // 4129 * 127 * 128 >= 2^26
  for (IntLayer& l : model.layers) {
    for (IntMatrix* m : {&l.gate, &l.up}) {
      m->rows = 4129;
      m->codes.assign(4129u * 32u, 1);
    }
    l.down.cols = 4129;
    l.down.codes.assign(4129u * 32u, 127);
  }
  CHECK_THAT(input_error_of([&] { write_integer_model(model, dir.path()); }), Catch::Contains("26-bit accumulators"));
}

TEST_CASE("quantization_config is checked field by field") {
  const TemporaryDirectory dir;
  write_integer_model(quantized(4, Activations::kMixed, kTied), dir.path());
  const nlohmann::json good = nlohmann::json::parse(test::read_bytes(dir.path() / "config.json"));
  const std::vector<std::pair<std::string, nlohmann::json>> bad = {{"quant_method", "gptq"},
                                                                   {"quant_method", nullptr},
                                                                   {"format_version", 2},
                                                                   {"weight_bits", 5},
                                                                   {"weight_bits", "4"},
                                                                   {"embedding_bits", 4},
                                                                   {"activations", "16"},
                                                                   {"activations", 8},
                                                                   {"rho", 1.5},
                                                                   {"rho", 0.3333},
                                                                   {"rho", -0.5},
                                                                   {"rule", "all8"},
                                                                   {"rule", "best"},
                                                                   {"seed", -1},
                                                                   {"seed", 4294967296},
                                                                   {"thresholds", {1}},
                                                                   {"thresholds", {1, -1}},
                                                                   {"thresholds", {1, 2.5}},
                                                                   {"thresholds", {1, 4294967296}},
                                                                   {"thresholds", {1, 2, 3}},
                                                                   {"thresholds", 7}};
  for (const auto& [field, value] : bad) {
    nlohmann::json json = good;
    json["quantization_config"][field] = value;
    test::write_bytes(dir.path() / "config.json", json.dump());
    INFO(field << " = " << value);
    CHECK_THAT(input_error_of([&] { load_model_directory(dir.path()); }), Catch::Contains("quantization_config." + field));
  }
  nlohmann::json json = good;
  json["quantization_config"] = 3;
  test::write_bytes(dir.path() / "config.json", json.dump());
  input_error_of([&] { load_model_directory(dir.path()); });
  json = good;
  json["quantization_config"]["weight_bits"] = 8;  // contradicts the tensors
  test::write_bytes(dir.path() / "config.json", json.dump());
  CHECK_THAT(input_error_of([&] { load_model_directory(dir.path()); }), Catch::Contains("qweight"));
}

TEST_CASE("damaged weights are always noticed") {
  const ModelConfig config = GENERATE(kTied, kGpt2);
  const TemporaryDirectory dir;
  write_integer_model(quantized(4, Activations::k8, config), dir.path());
  const fs::path file = dir.path() / "model.safetensors";
  const std::string good = test::read_bytes(file);
  const SafetensorsFile parsed(file);
  const std::size_t data = parsed.file_offset(parsed.tensors().front());
  std::mt19937 random(6);
  for (int i = 0; i < 300; ++i) {
    std::string bytes = good;
    const std::size_t at = data + random() % (bytes.size() - data);
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
    test::write_bytes(file, bytes);
    CHECK_THAT(input_error_of([&] { read_integer_model(dir.path()); }), Catch::Contains("CRC-32"));
  }
  for (int i = 0; i < 300; ++i) {  // a damaged header may stay valid only where it does not matter
    std::string bytes = good;
    const std::size_t at = random() % data;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
    test::write_bytes(file, bytes);
    try {
      read_integer_model(dir.path());
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
    }
  }
  for (std::size_t cut = 1; cut < good.size(); cut = cut * 5 / 4 + 1) {
    test::write_bytes(file, good.substr(0, good.size() - cut));
    input_error_of([&] { read_integer_model(dir.path()); });
  }
}

TEST_CASE("an integer model without checksums is refused") {
  const TemporaryDirectory dir;
  write_integer_model(quantized(4, Activations::k8, kTied), dir.path());
  const fs::path file = dir.path() / "model.safetensors";
  std::string bytes = test::read_bytes(file);
  for (std::size_t at = 0; (at = bytes.find("\"crc32:", at)) != std::string::npos;) bytes[at + 1] = 'x';
  test::write_bytes(file, bytes);
  CHECK_THAT(input_error_of([&] { read_integer_model(dir.path()); }), Catch::Contains("checksum"));
}

}  // namespace squat::model
