// SPDX-License-Identifier: Apache-2.0
// GPT-2 from text to an integer model.
#include "tests/qat/tiny_training.hpp"

using namespace squat::test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> gpt2_arguments(const fs::path& out) {
  return tiny_train(out, "--arch gpt2 --ffn 128 --steps 30 --batch 4");
}

double perplexity(const fs::path& model) {
  const json report =
      run_json({"eval", "--model", model.string(), "--text", (tales() / "valid.txt").string(), "--max-windows", "4"});
  return report["perplexity"].get<double>();
}

}  // namespace

TEST_CASE("a GPT-2 is trained, continued, rounded and run") {
  const TemporaryDirectory directory;
  const fs::path real = directory.path() / "real", more = directory.path() / "more";
  const json report = run_json(gpt2_arguments(real));
  CHECK(report["perplexity"].get<double>() < 250);  // 300 pieces, so it has learned something
  CHECK(perplexity(real) == Approx(report["perplexity"].get<double>()).epsilon(1e-4));
  const json again = run_json({"train", "--init", real.string(), "--data", (tales() / "calibration.txt").string(), "--out",
                               more.string(), "--steps", "0"});
  CHECK(again["step"] == 0);
  CHECK(read_bytes(more / "model.safetensors") == read_bytes(real / "model.safetensors"));

  for (const std::string activations : {"8", "4", "mixed"}) {
    INFO(activations);
    const fs::path out = directory.path() / ("w4-" + activations);
    auto arguments = tiny_qat(real, out, "--steps 5 --batch 4 --warmup 1 --max-windows 4 --activations " + activations);
    append(arguments, {"--valid", tales_file("valid.txt")});
    if (activations == "mixed") arguments.insert(arguments.end(), {"--rule", "sequence"});
    const json trained = run_json(arguments);
    CHECK(perplexity(out) == Approx(trained["perplexity"].get<double>()).epsilon(0.02));
    run_json({"generate", "--model", out.string(), "--prompt", "the king", "--tokens", "3"});
  }
}

TEST_CASE("what GPT-2 does not have is refused") {
  const TemporaryDirectory directory;
  auto arguments = gpt2_arguments(directory.path() / "out");
  arguments.insert(arguments.end(), {"--kv-heads", "2"});
  check_fails(arguments, 2, "--kv-heads");
  arguments = gpt2_arguments(directory.path() / "out");
  arguments.emplace_back("--untied");
  check_fails(arguments, 2, "--untied");
}
