// SPDX-License-Identifier: Apache-2.0
// The simulated accelerator from the command line: the same integers as the processor, cycles that are called simulated, and
// an exit code for a device that fails.
#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;
using nlohmann::json;

namespace {

/// Sets an environment variable for the programs run meanwhile.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

std::vector<std::string> generate_on(const std::string& device) {
  return {"generate", "--model", quantized_tales().string(), "--prompt", "There was once a King", "--tokens", "8",
          "--device", device};
}

}  // namespace

TEST_CASE("sim generates what the processor generates, through XRT and without it") {
  const json cpu = run_json(generate_on("cpu"));
  const json sim = run_json(generate_on("sim"));
  CHECK(sim["device"] == "sim");
  CHECK(sim["ids"] == cpu["ids"]);
  CHECK(sim["logits_sha256"] == cpu["logits_sha256"]);
  const Variable no_emulation("SQUAT_ROOT", "/nowhere");
  CHECK(run_json(generate_on("sim"))["logits_sha256"] == cpu["logits_sha256"]);
}

TEST_CASE("verify finds sim and ref equal") {
  const json object = run_json({"verify", "--model", quantized_tales().string(), "--device", "sim", "--against", "ref",
                                "--prompt-tokens", "40", "--decode", "3", "--text", (tales() / "valid.txt").string()});
  CHECK(object["equal"] == true);
  CHECK(object["compared"] == "widths and logits");
}

TEST_CASE("simulated rows never look measured") {
  const json object = run_json({"bench", "--shape", "tiny", "--device", "sim", "--prefill", "64", "--decode", "2"});
  REQUIRE(object["results"].size() == 2);
  for (const json& row : object["results"]) {
    CHECK(row["source"] == "rtl-simulated");
    CHECK(row["clock_source"] == "assumed");
    const double milliseconds = row["cycles"].get<double>() / (row["clock_mhz"].get<double>() * 1e3);
    CHECK(row["ms_per_token"].get<double>() == Approx(milliseconds / row["tokens"].get<double>()));
    for (const char* use : {"mac_utilisation", "bandwidth_utilisation"}) {
      CHECK(row[use].get<double>() > 0.0);
      CHECK(row[use].get<double>() < 1.0);
    }
  }
  CHECK(object["environment"]["ddr"] ==
        "64 B/cycle, latency 60, refresh 105/2340, turnaround 8, writes in batches of 64 beats or after 1024");
}

TEST_CASE("a device that fails ends with 5 and gives no tokens") {
  for (const char* variable : {"SQUAT_SIM_FAULT_READ", "SQUAT_SIM_CYCLE_LIMIT"}) {
    const Variable fault(variable, "50");
    const CliResult result = run_cli(generate_on("sim"));
    INFO(variable << "\n" << result.err);
    CHECK(result.code == 5);
    CHECK(result.out.empty());
    CHECK(result.err.find("error: ") != std::string::npos);
  }
  const Variable nonsense("SQUAT_SIM_STALL_SEED", "many");
  CHECK(run_cli(generate_on("sim")).code == 2);
}
