// SPDX-License-Identifier: Apache-2.0
// GPT-2 through every command that takes a model: a Hugging Face directory in, the same integers on every device.
#include <set>

#include "host/model/model_directory.hpp"
#include "host/quantize/random_float_model.hpp"
#include "tests/host/cli/cli_run.hpp"
#include "tests/support/compare_devices.hpp"

using namespace squat::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// A random GPT-2 with the shipped model's vocabulary, floating point and quantised; made once per test program.
class Gpt2 {
 public:
  Gpt2() {
    squat::model::ModelConfig config = gpt2_shape(64, 192, 2, 2, 1024);
    squat::model::write_model_directory(squat::quantize::random_float_model(config, 21, 0.1f), real(), tales() / "fp32");
    const CliResult result =
        run_cli({"quantize", "--model", real().string(), "--calib", (tales() / "calibration.txt").string(), "--out",
                 integer().string(), "--weight-bits", "4", "--activations", "mixed", "--rho", "0.5", "--format", "json"});
    if (result.code != 0) throw std::runtime_error("quantize failed: " + result.err);
    sites_ = json::parse(result.out).at("sites");
  }
  fs::path real() const { return directory_.path() / "real"; }
  fs::path integer() const { return directory_.path() / "w4"; }
  const json& sites() const { return sites_; }

 private:
  TemporaryDirectory directory_;
  json sites_;
};

const Gpt2& gpt2() {
  static const Gpt2 made;
  return made;
}

}  // namespace

TEST_CASE("quantize names GPT-2's sites and inspect its tensors") {
  std::set<std::string> sites, tensors;
  for (const json& site : gpt2().sites()) {
    sites.insert(site.at("name").get<std::string>());
    CHECK(site.at("scale").get<double>() > 0);
  }
  for (const char* name : {"transformer.wpe.weight", "transformer.h.0.attn.c_attn_input.8bit",
                           "transformer.h.1.mlp.c_proj_input.4bit", "transformer.h.1.attn.q_proj.weight"}) {
    INFO(name);
    CHECK(sites.count(name) == 1);
  }
  const json object = run_json({"inspect", "--model", gpt2().integer().string()});
  for (const json& tensor : object["tensors"]) tensors.insert(tensor["name"].get<std::string>());
  for (const char* name : {"transformer.wpe.qweight", "transformer.h.0.attn.v_proj.bias", "transformer.h.1.ln_2.beta"}) {
    INFO(name);
    CHECK(tensors.count(name) == 1);
  }
  CHECK(object["config"]["model_type"] == "gpt2");
  const json real = run_json({"inspect", "--model", gpt2().real().string()});
  CHECK(real["parameters"] == real["tensor_bytes"].get<int>() / 4);
  CHECK(object["parameters"] == real["parameters"]);
}

TEST_CASE("GPT-2 gives the same logits on every device and for every chunking") {
  std::set<std::string> hashes;
  for (const char* device : {"cpu", "ref"}) {
    for (const char* chunk : {"1", "5", "128"}) {
      const json object = run_json({"generate", "--model", gpt2().integer().string(), "--prompt", "There was once a King",
                                    "--tokens", "6", "--device", device, "--chunk", chunk});
      CHECK(object["ids"].size() == 6);
      hashes.insert(object["logits_sha256"].get<std::string>());
    }
  }
  CHECK(hashes.size() == 1);
  const json equal = run_json({"verify", "--model", gpt2().integer().string(), "--device", "cpu", "--against", "ref",
                               "--prompt-tokens", "20", "--decode", "3"});
  CHECK(equal["equal"] == true);
  CHECK(equal["compared"] == "every tensor");
}

TEST_CASE("eval, bench and compare take GPT-2") {
  const auto perplexity = [](const fs::path& model) {
    const json object =
        run_json({"eval", "--model", model.string(), "--text", (tales() / "valid.txt").string(), "--max-windows", "2"});
    return object["perplexity"].get<double>();
  };
  // Random weights know nothing; the integers must not know less.
  CHECK(perplexity(gpt2().integer()) == Approx(perplexity(gpt2().real())).epsilon(0.1));
  const json bench = run_json({"bench", "--model", gpt2().integer().string(), "--device", "cpu,ref", "--prefill", "8",
                               "--decode", "1", "--seconds", "0"});
  CHECK(bench["results"].size() == 4);
  for (const json& row : bench["results"]) CHECK(row["ms_per_token"].get<double>() > 0);
  const json object = run_json(
      {"compare", "--model", gpt2().real().string(), "--device", "cpu", "--prefill", "8", "--decode", "1", "--seconds", "0"});
  CHECK(std::count_if(object["results"].begin(), object["results"].end(),
                      [](const json& row) { return row["source"] == "measured"; }) == 14);
}

TEST_CASE("GPT-2 directories that would run differently end with 3") {
  const TemporaryDirectory directory;
  const fs::path copy = directory.path() / "model";
  fs::copy(gpt2().real(), copy);
  json config = json::parse(read_bytes(copy / "config.json"));
  config["activation_function"] = "gelu";
  write_bytes(copy / "config.json", config.dump());
  const CliResult result = run_cli({"inspect", "--model", copy.string()});
  CHECK(result.code == 3);
  CHECK(result.err.find("activation_function") != std::string::npos);
}
