// SPDX-License-Identifier: Apache-2.0
// Flags and numbers that cannot be meant are refused with 2 before anything is read, and the message says what to do.
#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;

namespace {

const std::vector<std::string> kQuantize = {"quantize", "--model", "/nowhere", "--calib", "/nowhere", "--out", "/nowhere/x"};
const std::vector<std::string> kQat = {"qat", "--model", "/nowhere", "--data", "/nowhere", "--out", "/nowhere/x"};
const std::vector<std::string> kTrain = {"train", "--data", "/nowhere", "--out", "/nowhere/x"};
const std::vector<std::string> kBench = {"bench", "--shape", "tiny", "--prefill", "4", "--decode", "1", "--seconds", "0"};

}  // namespace

TEST_CASE("an unknown command is called that, with the commands there are") {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"bogus"}, {"bogus", "--model", "x"}, {"bogus", "--help"}, {"--format", "json", "bogus"}}) {
    check_fails(arguments, 2, "unknown command 'bogus'");
    check_fails(arguments, 2, "quantize, generate, eval, bench, compare, verify, analyze, report, inspect, doctor");
  }
  check_fails({}, 2, "no command given; the commands of squat are ");
  check_fails({"analyze", "bogus"}, 2, "unknown command 'bogus'; the commands of squat analyze are ");
  check_fails({"analyze"}, 2, "no command given; the commands of squat analyze are ");
  check_fails({"--bogus"}, 2, "unknown option '--bogus'");
  check_fails({"doctor", "--bogus"}, 2, "squat doctor --help");
  check_fails({"doctor", "inspect"}, 2, "inspect");
}

TEST_CASE("every command describes its options, alone and after options that all have") {
  const std::string page = run_cli({"man"}).out, script = run_cli({"completion"}).out;
  for (const char* name : {"quantize", "generate", "eval", "bench", "compare", "verify", "analyze", "report", "inspect",
                           "doctor", "completion", "man"}) {
    INFO(name);
    const CliResult alone = run_cli({name, "--help"}), after = run_cli({"--format", "json", name, "--help"});
    CHECK(alone.code == 0);
    CHECK(alone.out.find("Usage: squat " + std::string(name)) != std::string::npos);
    CHECK(alone.out == after.out);
    CHECK(page.find("squat " + std::string(name)) != std::string::npos);
    CHECK(script.find(std::string(name) + ") words=") != std::string::npos);
  }
}

TEST_CASE("empty paths and seeds out of range are refused by name") {
  check_fails({"inspect", "--model", ""}, 2, "--model: expected a path");
  check_fails({"quantize", "--model", "/nowhere", "--calib", "/nowhere", "--out", ""}, 2, "--out: expected a path");
  check_fails({"eval", "--model", "/nowhere", "--text", ""}, 2, "--text: expected a path");
  for (const char* seed : {"-1", "4294967296", "1.5", "x"}) check_fails({"doctor", "--seed", seed}, 2, "--seed");
}

TEST_CASE("a kernel this processor lacks is refused with those it has") {
  check_fails(with(kBench, {"--kernel", "mmx"}), 4, "kernel \"mmx\" is not in this build; choose auto or one of: ");
  check_fails(with(kBench, {"--kernel", "mmx"}), 4, "scalar");
  check_fails(with(kBench, {"--kernel", ""}), 4, "kernel \"\"");
}

TEST_CASE("formats have names, not numbers") {
  for (const char* format : {"0", "1", "2", "3", "4", "xml", ""}) {
    INFO(format);
    check_fails({"doctor", "--format", format}, 2, "--format");
    check_fails({"--format", format, "doctor"}, 2, "--format");
  }
}

TEST_CASE("real numbers are finite and in range") {
  for (const char* value : {"nan", "NAN", "-nan", "inf", "-inf", "infinity", "1e999", "-1", "-0.001", "1,5", "x", ""}) {
    INFO(value);
    check_fails({"bench", "--shape", "tiny", "--seconds", value}, 2, "--seconds");
    check_fails({"compare", "--seconds", value}, 2, "--seconds");
    check_fails({"bench", "--shape", "tiny", "--activations", "mixed", "--rho", value}, 2, "--rho");
    check_fails(with(kQuantize, {"--activations", "mixed", "--rho", value}), 2, "--rho");
    if (!has_trainer()) continue;
    for (const char* option : {"--lr", "--lr-floor", "--weight-decay", "--clip", "--beta1", "--beta2", "--gamma", "--tau",
                               "--rope-theta", "--teacher-weight"}) {
      check_fails(with(kTrain, {option, value}), 2, option);
    }
    for (const char* option : {"--rho", "--entropy-weight", "--distribution-weight", "--scale-rate"}) {
      check_fails(with(kQat, {option, value}), 2, option);
    }
  }
}

TEST_CASE("width flags that would decide nothing are refused") {
  for (const std::vector<std::string>& flag : std::vector<std::vector<std::string>>{{"--rho", "0.3"}, {"--rule", "budget"}}) {
    check_fails(with(kQuantize, flag), 2, flag[0] + " chooses among 8- and 4-bit tokens; give --activations mixed");
    check_fails(with(with(kQuantize, {"--activations", "4"}), flag), 2, "--activations mixed");
    check_fails(with(kBench, flag), 2, "--activations mixed");
    if (has_trainer()) check_fails(with(kQat, flag), 2, "--activations mixed");
  }
  check_fails(with(kBench, {"--widths", "rule"}), 2, "--activations mixed");
  check_fails(with(kBench, {"--activations", "mixed", "--widths", "exact", "--rule", "budget"}), 2, "--widths rule");
  CHECK(run_cli(with(kBench, {"--activations", "mixed", "--rho", "0.3", "--rule", "budget"})).code == 0);
}

TEST_CASE("accelerator flags without an accelerator are refused") {
  const std::string model = quantized_tales().string();
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           kBench,
           {"compare", "--device", "cpu"},
           {"generate", "--model", model, "--prompt", "x"},
           {"eval", "--model", model, "--text", (tales() / "valid.txt").string(), "--device", "ref"},
           {"verify", "--model", model, "--device", "cpu", "--against", "ref"}}) {
    check_fails(with(command, {"--xclbin", "some.xclbin"}), 2, "--device fpga");
    check_fails(with(command, {"--transport", "direct"}), 2, "--device sim");
    check_fails(with(command, {"--config", "kv260"}), 2, "--device sim or estimate");
    check_fails(with(command, {"--config", "zcu102"}), 2, "kv260");
  }
}

TEST_CASE("a prompt beyond one pass under a rule that ranks all of it is refused before it runs") {
  const TemporaryDirectory directory;
  const std::string model = (directory.path() / "sequence").string();
  REQUIRE(run_cli({"quantize", "--model", (tales() / "fp32").string(), "--calib", (tales() / "calibration.txt").string(),
                   "--out", model, "--activations", "mixed", "--rule", "sequence"})
              .code == 0);
  const std::string message = "ranks the whole prompt";
  check_fails({"verify", "--model", model, "--device", "cpu", "--prompt-tokens", "129"}, 2, message);
  check_fails({"verify", "--model", model, "--device", "cpu", "--prompt-tokens", "20", "--chunk", "19"}, 2, message);
  check_fails({"generate", "--model", model, "--prompt", "There was once a King", "--chunk", "2"}, 2, message);
  check_fails({"eval", "--model", model, "--text", (tales() / "valid.txt").string(), "--window", "129"}, 2, message);
  check_fails({"bench", "--model", model, "--prefill", "129"}, 2, message);
}

TEST_CASE("a model with one position is refused as such") {
  const TemporaryDirectory directory;
  const std::filesystem::path model = directory.path() / "model";
  std::filesystem::copy(quantized_tales(), model);
  nlohmann::json config = nlohmann::json::parse(read_bytes(model / "config.json"));
  config["max_position_embeddings"] = 1;
  write_bytes(model / "config.json", config.dump());
  check_fails({"generate", "--model", model.string(), "--prompt", "x"}, 3, "max_position_embeddings");
  check_fails({"inspect", "--model", model.string()}, 3, "max_position_embeddings");
}
