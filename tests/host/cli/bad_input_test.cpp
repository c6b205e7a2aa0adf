// SPDX-License-Identifier: Apache-2.0
// Bad input ends with the right exit code, one line that says what is wrong, an empty standard output and no files left behind.
#include <unistd.h>

#include <fstream>

#include "host/model/byte_level_bpe_train.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/output_file.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;
namespace fs = std::filesystem;

namespace {

/// A copy of a model directory to be damaged.
class DamagedModel {
 public:
  explicit DamagedModel(const fs::path& original) { fs::copy(original, path()); }
  fs::path path() const { return directory_.path() / "model"; }
  fs::path tensors() const { return path() / "model.safetensors"; }

  void edit_config(const std::string& field, const nlohmann::json& value) {
    nlohmann::json config = nlohmann::json::parse(read_bytes(path() / "config.json"));
    value.is_null() ? static_cast<void>(config.erase(field)) : static_cast<void>(config[field] = value);
    write_bytes(path() / "config.json", config.dump());
  }
  /// Replaces text in the header by text of the same length.
  void edit_header(const std::string& what, const std::string& with) {
    std::string bytes = read_bytes(tensors());
    REQUIRE(what.size() == with.size());
    REQUIRE(bytes.find(what) != std::string::npos);
    bytes.replace(bytes.find(what), what.size(), with);
    write_bytes(tensors(), bytes);
  }
  void check(const std::string& message) const {
    check_fails({"inspect", "--model", path().string()}, 3, message);
    check_fails({"generate", "--model", path().string(), "--prompt", "x"}, 3, message);
  }

 private:
  TemporaryDirectory directory_;
};

std::vector<std::string> quantize_to(const fs::path& out) {
  return {"quantize", "--model",   (tales() / "fp32").string(), "--calib", (tales() / "calibration.txt").string(),
          "--out",    out.string()};
}

}  // namespace

TEST_CASE("wrong usage ends with 2") {
  const std::string model = quantized_tales().string(), real = (tales() / "fp32").string(),
                    text = (tales() / "valid.txt").string();
  check_fails({"inspect"}, 2, "--model");
  check_fails({"inspect", "--model", model, "--nonsense"}, 2, "--nonsense");
  check_fails({"inspect", "--model", model, "--format", "xml"}, 2, "--format");
  check_fails({"generate", "--model", model, "--prompt", "x", "--device", "gpu"}, 2, "gpu");
  check_fails({"generate", "--model", model, "--prompt", ""}, 2, "empty");
  check_fails({"generate", "--model", model, "--prompt", "   "}, 2, "empty");
  check_fails({"generate", "--model", model, "--prompt", "x", "--tokens", "0"}, 2, "--tokens");
  check_fails({"generate", "--model", model, "--prompt", "x", "--tokens", "many"}, 2, "--tokens");
  check_fails({"generate", "--model", model, "--prompt", "x", "--tokens", "256"}, 2, "256 positions");
  check_fails({"generate", "--model", model, "--prompt", std::string(2000, 'x')}, 2, "256 positions");
  check_fails({"generate", "--model", model, "--prompt", "x", "--chunk", "129"}, 2, "--chunk");
  check_fails({"generate", "--model", real, "--prompt", "x"}, 2, "squat quantize");
  check_fails({"eval", "--model", model, "--text", text, "--window", "300"}, 2, "256 positions");
  check_fails({"eval", "--model", real, "--text", text, "--device", "ref"}, 2, "floating-point");
  check_fails({"verify", "--model", model, "--against", "gpu"}, 2, "gpu");
  check_fails({"verify", "--model", model, "--prompt-tokens", "250", "--decode", "7"}, 2, "256 positions");
  check_fails({"bench"}, 2, "--model DIR or --shape");
  check_fails({"bench", "--shape", "tiny", "--model", model}, 2, "--model DIR or --shape");
  check_fails({"bench", "--shape", "huge"}, 2, "huge");
  check_fails({"bench", "--shape", "tiny", "--rho", "1.5"}, 2, "--rho");
  check_fails({"bench", "--model", model, "--weight-bits", "8"}, 2, "4-bit weights");
  check_fails(with(quantize_to("/nowhere/x"), {"--rho", "-0.1"}), 2, "--rho");
  check_fails(with(quantize_to("/nowhere/x"), {"--weight-bits", "5"}), 2, "--weight-bits");
  check_fails(with(quantize_to("/nowhere/x"), {"--weight-bits", "4.0"}), 2, "4.0 not in {4,8}");
  check_fails(with(quantize_to("/nowhere/x"), {"--rule", "best"}), 2, "--rule");
}

TEST_CASE("devices that are not here end with 4") {
  const std::string model = quantized_tales().string();
  check_fails({"generate", "--model", model, "--prompt", "x", "--device", "fpga"}, 4, "--xclbin");
  check_fails({"generate", "--model", model, "--prompt", "x", "--device", "fpga", "--xclbin", "/nowhere.xclbin"}, 4, "XRT");
}

TEST_CASE("missing files end with 3") {
  const std::string model = quantized_tales().string();
  check_fails({"inspect", "--model", "/nowhere"}, 3, "/nowhere");
  check_fails({"inspect", "--model", (tales() / "valid.txt").string()}, 3, "a file");
  check_fails({"eval", "--model", model, "--text", "/nowhere"}, 3, "/nowhere");
  check_fails({"quantize", "--model", (tales() / "fp32").string(), "--calib", "/nowhere", "--out", "/tmp/squat-never"}, 3,
              "/nowhere");
  CHECK_FALSE(fs::exists("/tmp/squat-never"));
}

TEST_CASE("damaged model directories end with 3") {
  SECTION("truncated weights") {
    const DamagedModel model(quantized_tales());
    fs::resize_file(model.tensors(), fs::file_size(model.tensors()) - 1);
    model.check("model.safetensors");
  }
  SECTION("truncated header") {
    const DamagedModel model(quantized_tales());
    fs::resize_file(model.tensors(), 100);
    model.check("model.safetensors");
  }
  SECTION("bytes after the weights") {
    const DamagedModel model(quantized_tales());
    std::ofstream(model.tensors(), std::ios::app | std::ios::binary) << "more";
    model.check("model.safetensors");
  }
  SECTION("a header length beyond the file") {
    const DamagedModel model(quantized_tales());
    std::string bytes = read_bytes(model.tensors());
    bytes[6] = '\x7f';
    write_bytes(model.tensors(), bytes);
    model.check("model.safetensors");
  }
  SECTION("a changed weight") {
    const DamagedModel model(quantized_tales());
    std::string bytes = read_bytes(model.tensors());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_bytes(model.tensors(), bytes);
    model.check("model.safetensors");
  }
  SECTION("a missing tensor") {
    DamagedModel model(quantized_tales());
    model.edit_header("model.layers.2.self_attn.q_proj.qweight", "model.layers.9.self_attn.q_proj.qweight");
    model.check("self_attn.q_proj.qweight");
  }
  SECTION("a wrong shape") {
    DamagedModel model(quantized_tales());
    model.edit_header("[1024,128]", "[128,1024]");
    model.check("model.embed_tokens.qweight");
  }
  SECTION("an oversized vocabulary") {
    DamagedModel model(quantized_tales());
    model.edit_config("vocab_size", 2000000000);
    model.check("vocab_size");
  }
  SECTION("a configuration that does not fit the tensors") {
    DamagedModel model(quantized_tales());
    model.edit_config("intermediate_size", 256);
    model.check("mlp.gate_proj.qweight");
  }
  SECTION("a missing field") {
    DamagedModel model(quantized_tales());
    model.edit_config("hidden_size", nullptr);
    model.check("hidden_size");
  }
  SECTION("no configuration") {
    const DamagedModel model(quantized_tales());
    fs::remove(model.path() / "config.json");
    model.check("config.json");
  }
  SECTION("a configuration that is no JSON") {
    const DamagedModel model(quantized_tales());
    write_bytes(model.path() / "config.json", "{\"hidden_size\": ");
    model.check("config.json");
  }
  SECTION("a vocabulary that is none") {
    const DamagedModel model(quantized_tales());
    write_bytes(model.path() / "tokenizer.model", "not a vocabulary");
    model.check("tokenizer.model");
  }
  SECTION("no vocabulary") {
    const DamagedModel model(quantized_tales());
    fs::remove(model.path() / "tokenizer.model");
    check_fails({"generate", "--model", model.path().string(), "--prompt", "x"}, 3, "tokenizer");
  }
}

TEST_CASE("NaN in a floating-point model ends with 3") {
  const DamagedModel model(tales() / "fp32");
  std::string bytes = read_bytes(model.tensors());
  const std::size_t checksum = bytes.find("crc32:model.norm.weight");
  REQUIRE(checksum != std::string::npos);
  bytes[checksum] = 'x';                                           // as a file of another program, which has none
  bytes.replace(bytes.size() - 2, 2, std::string("\x00\x7e", 2));  // a binary16 NaN
  write_bytes(model.tensors(), bytes);
  check_fails({"inspect", "--model", model.path().string()}, 3, "found NaN");
  check_fails({"eval", "--model", model.path().string(), "--text", (tales() / "valid.txt").string()}, 3, "found NaN");
}

TEST_CASE("a failed quantize leaves nothing behind") {
  const TemporaryDirectory directory;
  const fs::path out = directory.path() / "model";
  const auto entries = [&] { return std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator()); };

  SECTION("too little calibration text") {
    write_bytes(directory.path() / "short.txt", "A short text.\n");
    check_fails({"quantize", "--model", (tales() / "fp32").string(), "--calib", (directory.path() / "short.txt").string(),
                 "--out", out.string()},
                3, "short.txt: expected text of at least 128 tokens");
    check_fails({"eval", "--model", (tales() / "fp32").string(), "--text", (directory.path() / "short.txt").string()}, 3,
                "short.txt: expected text of at least 128 tokens");
    CHECK(entries() == 1);
  }
  SECTION("a target that is no model directory is not replaced") {
    fs::create_directory(out);
    write_bytes(out / "thesis.txt", "years of work");
    check_fails(quantize_to(out), 2, out.string());
    CHECK(read_bytes(out / "thesis.txt") == "years of work");
    CHECK(entries() == 1);
  }
  SECTION("a link to nothing in the way") {
    fs::create_symlink("/nowhere/x", out);
    check_fails(quantize_to(out), 2, "a link to nothing");
    CHECK(fs::is_symlink(out));
    CHECK(entries() == 1);
  }
  SECTION("a folder that cannot be read") {
    fs::create_directory(out);
    write_bytes(out / "secret.txt", "x");
    fs::permissions(out, fs::perms::none);
    const CliResult result = run_cli(quantize_to(out));
    INFO(result.err);
    CHECK(result.code == (::geteuid() == 0 ? 2 : 3));  // the administrator reads it all the same
    CHECK(result.err.find(out.string()) != std::string::npos);
    fs::permissions(out, fs::perms::owner_all);
    CHECK(entries() == 1);
  }
  SECTION("a folder that cannot be written") { check_fails(quantize_to("/proc/squat/model"), 3, "/proc/squat"); }
  SECTION("a file in the way") {
    write_bytes(out, "a file");
    check_fails(quantize_to(out), 2, out.string());
    CHECK(read_bytes(out) == "a file");
    CHECK(entries() == 1);
  }
}

TEST_CASE("train and qat that cannot start leave nothing behind") {
  if (!has_trainer()) return;
  const TemporaryDirectory directory;
  const fs::path out = directory.path() / "model", empty = directory.path() / "empty.txt";
  write_bytes(empty, "");
  const std::string text = (tales() / "valid.txt").string();
  check_fails({"train", "--data", empty.string(), "--out", out.string()}, 3, "empty");
  check_fails({"train", "--data", "/nowhere", "--out", out.string()}, 3, "/nowhere");
  check_fails({"train", "--data", text, "--valid", empty.string(), "--out", out.string()}, 3, "empty");
  check_fails({"train", "--data", text, "--out", out.string(), "--heads", "3"}, 2, "--heads");
  check_fails({"qat", "--model", (tales() / "fp32").string(), "--data", empty.string(), "--out", out.string()}, 3, "empty");
  CHECK(std::distance(fs::directory_iterator(directory.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("text that the vocabulary cannot encode is named by option, file and line") {
  const DamagedModel model(quantized_tales());
  fs::remove(model.path() / "tokenizer.model");
  squat::model::BpeTrainOptions options;
  options.pieces = 1024;
  squat::model::BpeTrainer trainer(options);
  std::ifstream lines(tales() / "calibration.txt");
  for (std::string line; std::getline(lines, line);) trainer.add_line(line);
  squat::model::write_text_file(model.path() / "tokenizer.json", squat::model::bpe_file_text(trainer.train()));
  const TemporaryDirectory directory;
  const fs::path text = directory.path() / "latin1.txt";
  write_bytes(text, "good\n\nna\xefve\n");
  check_fails({"generate", "--model", model.path().string(), "--prompt", "na\xefve"}, 2, "--prompt: ");
  check_fails({"eval", "--model", model.path().string(), "--text", text.string()}, 3, "latin1.txt: line 3: ");
}

TEST_CASE("an odd width cannot have 4-bit weights, and can have 8-bit ones") {
  const TemporaryDirectory directory;
  squat::model::ModelConfig config;
  config.vocab_size = 1024;
  config.hidden_size = 64;
  config.intermediate_size = 77;
  config.layers = 1;
  config.heads = config.kv_heads = 2;
  config.head_dim = 32;
  config.max_positions = 128;
  const fs::path real = directory.path() / "real", out = directory.path() / "out";
  squat::model::write_model_directory(squat::quantize::random_float_model(config, 5, 0.1f), real, tales() / "fp32");
  const std::vector<std::string> quantize = {
      "quantize", "--model", real.string(), "--calib", (tales() / "valid.txt").string(), "--out", out.string()};
  check_fails(quantize, 3, "'intermediate_size': expected an even number");
  CHECK_FALSE(fs::exists(out));
  run_json(with(quantize, {"--weight-bits", "8"}));
  CHECK(run_json({"verify", "--model", out.string(), "--prompt-tokens", "9", "--decode", "2"})["equal"] == true);
}

TEST_CASE("a full disk under standard output is an error") {
  const CliResult result = run_cli({"inspect", "--model", quantized_tales().string()}, ">/dev/full");
  CHECK(result.code == 3);
  CHECK(result.err.find("standard output") != std::string::npos);
}
