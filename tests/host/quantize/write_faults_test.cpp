// SPDX-License-Identifier: Apache-2.0
// Faults in every system call of a model directory's replacement: afterwards it is the old model or the new one, whole.
#include "host/model/integer_files.hpp"
#include "host/model/output_file.hpp"
#include "tests/host/support.hpp"
#include "tests/support/random_model.hpp"
#include "tests/support/save_campaign.hpp"

namespace squat {
namespace {

namespace fs = std::filesystem;

void write_model(const fs::path& directory, std::uint32_t seed) {
  test::RandomModelSpec spec;
  spec.seed = seed;
  spec.layers = 1, spec.hidden = 32, spec.intermediate = 32, spec.vocab = 8, spec.heads = 1, spec.kv_heads = 1;
  model::StagedDirectory staged(directory / "model");
  model::write_integer_model(test::random_model(spec), staged.path());
  staged.commit();
}

test::SaveCampaign model_directory() {
  return {"integer model", [](const fs::path& directory) { write_model(directory, 1); },
          [](const fs::path& directory) { write_model(directory, 2); },
          [](const fs::path& directory) {
            model::read_integer_model(directory / "model");
            return test::read_bytes(directory / "model/config.json") + test::read_bytes(directory / "model/model.safetensors");
          }};
}

void campaign(std::size_t step) {
  if (!test::can_fault_system_calls()) return;
  const test::CampaignResult result = test::run_campaign(model_directory(), step);
  CHECK(result.silent == std::vector<std::string>{});
  CHECK(result.calls > 40);
}

}  // namespace

TEST_CASE("a model directory whose replacement fails anywhere is the old one or the new one") { campaign(5); }

TEST_CASE("a model directory whose replacement fails in any system call", "[.nightly]") { campaign(1); }

}  // namespace squat
