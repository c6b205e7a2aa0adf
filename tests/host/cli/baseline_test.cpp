// SPDX-License-Identifier: Apache-2.0
// Rows that no integer model ran for: the FP16 baseline, and times modelled for Arm.
#include <set>

#include "tests/catch.hpp"
#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;
using json = nlohmann::json;

namespace {

json bench(const std::string& devices, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"bench",     "--shape", "tiny",     "--device", devices,    "--prefill", "20",
                                        "--seconds", "0",       "--decode", "2",        "--format", "json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const CliResult result = run_cli(arguments);
  INFO(result.err);
  REQUIRE(result.code == 0);
  return json::parse(result.out);
}

}  // namespace

TEST_CASE("arm-model gives a range for both phases on three cores, labelled modelled") {
  const json object = bench("arm-model,cpu", {"--weight-bits", "4", "--activations", "8"});
  REQUIRE(object["results"].size() == 8);
  CHECK(object["environment"]["arm_model"].get<std::string>().find("llvm-mca") != std::string::npos);
  CHECK(object["definition"]["modelled"].get<std::string>().find("no Arm hardware") != std::string::npos);
  const json& measured = object["results"][6];
  CHECK(measured["source"] == "measured");
  std::set<std::string> cores;
  for (std::size_t i = 0; i < 6; ++i) {
    const json& row = object["results"][i];
    CHECK(row["device"] == "arm-model");
    CHECK(row["source"] == "modelled");
    CHECK(row["phase"] == (i % 2 == 0 ? "prefill" : "decode"));
    CHECK(row["ms_per_token_min"] > 0.0);
    CHECK(row["ms_per_token_min"] < row["ms_per_token_max"]);
    CHECK(row["ms_per_token"] == row["ms_per_token_max"]);
    CHECK(row["instructions"] > 0);
    for (const char* key : {"shape", "weight_bits", "activations", "rho", "eight_bit_share", "tokens", "context"}) {
      CHECK(row.contains(key));
    }
    CHECK(row["tokens"] == object["results"][6 + i % 2]["tokens"]);
    cores.insert(row["config"].get<std::string>());
  }
  CHECK(cores.size() == 3);
}

TEST_CASE("modelled times do not depend on the run, and more threads are never slower") {
  const json once = bench("arm-model"), again = bench("arm-model"), four = bench("arm-model", {"--threads", "4"});
  CHECK(once["results"] == again["results"]);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(four["results"][i]["ms_per_token_max"] <= once["results"][i]["ms_per_token_max"]);
    CHECK(four["results"][i]["instructions"] == once["results"][i]["instructions"]);
  }
}

TEST_CASE("the FP16 baseline is a measured row of the processor in 16 bits, in bench and in compare") {
  const json object = bench("cpu-fp16");
  REQUIRE(object["results"].size() == 2);
  for (const json& row : object["results"]) {
    CHECK(row["device"] == "cpu");
    CHECK(row["weight_bits"] == 16);
    CHECK(row["activations"] == "16");
    CHECK(row["source"] == "measured");
    CHECK(row["ms_per_token"] > 0.0);
    CHECK(row["rho"].is_null());
  }
  const CliResult result = run_cli({"compare", "--shape", "tiny", "--device", "cpu", "--prefill", "8", "--decode", "1",
                                    "--seconds", "0", "--format", "json"});
  INFO(result.err);
  REQUIRE(result.code == 0);
  const json compared = json::parse(result.out);
  int baselines = 0;
  for (const json& row : compared["results"]) {
    if (row["device"] != "cpu") continue;
    baselines += row["weight_bits"] == 16 ? 1 : 0;
    CHECK(row["speedup_fp16"].is_number());
  }
  CHECK(baselines == 2);
}

TEST_CASE("what only predicts or compares computes no text") {
  check_fails({"generate", "--model", "x", "--prompt", "y", "--device", "arm-model"}, 2, "only squat bench and squat compare");
  check_fails({"generate", "--model", "x", "--prompt", "y", "--device", "cpu-fp16"}, 2, "cpu-fp16");
  check_fails({"bench", "--shape", "tiny", "--device", "cpu-fp16", "--profile"}, 2, "no counters");
}
