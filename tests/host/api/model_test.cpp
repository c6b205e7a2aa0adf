// SPDX-License-Identifier: Apache-2.0
// What the library says about a model directory.
#include <squat/version.hpp>

#include "tests/host/api/support.hpp"

using namespace squat;
using namespace squat::test;

TEST_CASE("library: a model's shape, widths and scale are those it was written with") {
  RandomModelSpec spec;
  spec.rho_num = 256;
  Fixture fixture(spec);
  const ModelConfig c = fixture.open().config();
  CHECK(c.architecture == "llama");
  CHECK(c.vocabulary == spec.vocab);
  CHECK(c.context == spec.max_positions);
  CHECK(c.layers == spec.layers);
  CHECK(c.hidden == spec.hidden);
  CHECK(c.intermediate == spec.intermediate);
  CHECK(c.heads == spec.heads);
  CHECK(c.kv_heads == spec.kv_heads);
  CHECK(c.head_dim == spec.head_dim);
  CHECK(c.weight_bits == 4);
  CHECK(c.widths.activations == "mixed");
  CHECK(c.widths.rule == "budget");
  CHECK(c.widths.share == 0.25);
  CHECK(c.logit_scale == fixture.integers.logit_scale);
  CHECK(c.bos_id == 1);
  CHECK(c.eos_id == 2);

  spec.gpt2 = true;
  spec.heads = spec.kv_heads = 4;
  spec.weight_bits = 8;
  spec.activations = model::Activations::k8;
  const ModelConfig other = Fixture(spec).open().config();
  CHECK(other.architecture == "gpt2");
  CHECK(other.weight_bits == 8);
  CHECK(other.widths.activations == "8");
  CHECK(other.widths.rule.empty());
  CHECK(other.widths.share == 1.0);
}

TEST_CASE("library: text needs a vocabulary, and the model's own is used") {
  const Fixture fixture;
  const Model model = fixture.open();
  CHECK_FALSE(model.has_tokenizer());
  check_error(ExitCode::kUsage, "has no vocabulary", [&] { model.encode("a"); });
  check_error(ExitCode::kUsage, "has no vocabulary", [&] { model.decode({1}); });

  RandomModelSpec spec;
  spec.vocab = 1024;
  const std::filesystem::path tales = std::filesystem::path(SQUAT_SOURCE_DIR) / "models" / "tales" / "fp32";
  const Fixture with(random_model(spec), tales);
  const Model speaking = with.open();
  REQUIRE(speaking.has_tokenizer());
  CHECK(speaking.encode("There was once a King") == std::vector<int>{1, 763, 364, 840, 261, 575});  // docs/use
  CHECK(speaking.encode("There was once a King", false) == std::vector<int>{763, 364, 840, 261, 575});
  CHECK(speaking.decode({1, 763, 364, 840, 261, 575}) == "There was once a King");
  check_error(ExitCode::kUsage, "1024", [&] { speaking.decode({1024}); });
}

TEST_CASE("library: what is no integer model is refused with its kind") {
  const TemporaryDirectory nothing;
  check_error(ExitCode::kBadInput, "found nothing", [&] { Model::open(nothing.path() / "none"); });
  check_error(ExitCode::kUsage, "squat quantize",
              [] { Model::open(std::filesystem::path(SQUAT_SOURCE_DIR) / "models" / "tales" / "fp32"); });
  const Fixture fixture;
  const std::filesystem::path weights = fixture.path() / "model.safetensors";
  std::filesystem::resize_file(weights, std::filesystem::file_size(weights) - 1);
  check_error(ExitCode::kBadInput, "model.safetensors", [&] { fixture.open(); });
}

TEST_CASE("library: its version is that of the headers' tree") {
  const std::string version = squat::version();
  CHECK(read_bytes(std::filesystem::path(SQUAT_SOURCE_DIR) / "CMakeLists.txt").find("VERSION " + version + " ") !=
        std::string::npos);
}
