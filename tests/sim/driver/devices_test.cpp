// SPDX-License-Identifier: Apache-2.0
// Several devices at once: independent sequences, and a device that fails takes nothing with it.
#include <filesystem>
#include <set>

#include "tests/catch.hpp"
#include "tests/sim/driver/fake_run.hpp"

using namespace squat::test;
using nlohmann::json;

namespace {

std::vector<std::string> eval_on(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"eval",
                                        "--model",
                                        quantized_tales().string(),
                                        "--text",
                                        (tales() / "valid.txt").string(),
                                        "--window",
                                        "8",
                                        "--max-windows",
                                        "12",
                                        "--format",
                                        "json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

std::vector<std::string> eval_on_boards(const std::string& numbers) {
  return eval_on({"--device", "fpga", "--xclbin", FAKE_XCLBIN, "--devices", numbers, "--time-limit", "1"});
}

}  // namespace

TEST_CASE("a simulated device that is opened and filled while the model and its vocabulary are read") {
  const auto generate_on = [](const std::string& model, const std::string& device) {
    return run_cli(
        {"generate", "--model", model, "--prompt", "There was", "--tokens", "2", "--device", device, "--format", "json"});
  };
  const std::string model = quantized_tales().string();
  const CliResult sim = generate_on(model, "sim");
  INFO(sim.err);
  REQUIRE(sim.code == 0);
  const json expected = json::parse(generate_on(model, "cpu").out), found = json::parse(sim.out);
  CHECK(found["logits_sha256"] == expected["logits_sha256"]);
  CHECK(found["ids"] == expected["ids"]);
  CHECK(found["transport"] == "xrt");

  // What is wrong with the vocabulary or the model is said, not what became of the device.
  const TemporaryDirectory directory;
  const std::filesystem::path copy = directory.path() / "model";
  std::filesystem::copy(model, copy);
  std::filesystem::remove(copy / "tokenizer.model");
  const CliResult mute = generate_on(copy.string(), "sim");
  CHECK(mute.code == 3);
  CHECK(mute.err.find("found none; copy it from the model's publisher") != std::string::npos);
  std::filesystem::remove(copy / "model.safetensors");
  const CliResult empty = generate_on(copy.string(), "sim");
  CHECK(empty.code == 3);
  CHECK(empty.err.find("expected model.safetensors") != std::string::npos);
}

TEST_CASE("two simulated devices give the perplexity of the processor") {
  const CliResult cpu = run_cli(eval_on({"--device", "cpu"}));
  const CliResult sim = run_cli(eval_on({"--device", "sim", "--devices", "0,1"}));
  INFO(sim.err);
  REQUIRE(sim.code == 0);
  const json expected = json::parse(cpu.out), found = json::parse(sim.out);
  CHECK(found["windows"] == 12);
  CHECK(found["perplexity"] == expected["perplexity"]);
  CHECK(found["eight_bit_share"] == expected["eight_bit_share"]);
  CHECK(found["devices"] == json({0, 1}));
}

TEST_CASE("a device that fails leaves its windows to the other, and the exit code tells") {
  for (const char* fault :
       {"device 1 run 2+ never", "device 1 run 2+ error", "device 1 upload 9+ fail", "device 1 run 3 unplug"}) {
    const FakeBoard board(std::string("devices 2\ndevice 0 run late 40\n") + fault);
    const TimedResult run = run_timed(eval_on_boards("0,1"));
    INFO(fault << "\n" << run.cli.err);
    CHECK(run.cli.code == 5);
    const json result = json::parse(run.cli.out);
    CHECK(result["windows"] == 12);
    CHECK(result["perplexity"].get<double>() == Approx(1024.0));  // all logits of the fake device are equal
    CHECK(run.cli.err.find("device 1: ") != std::string::npos);
    CHECK(run.cli.err.find("device 0: ") == std::string::npos);
    for (const std::string& line : board.report())
      CHECK(line.find(" closed: 0 buffers, 0 contexts alive") != std::string::npos);
  }
}

TEST_CASE("a device that hangs once is opened anew and goes on") {
  const FakeBoard board("devices 2\ndevice 0 run late 40\ndevice 1 run 2 never");
  const CliResult run = run_cli(eval_on_boards("0,1"));
  INFO(run.err);
  CHECK(run.code == 0);
  CHECK(json::parse(run.out)["windows"] == 12);
  const std::vector<std::string> report = board.report();
  const std::string line = "device 1 closed: 0 buffers, 0 contexts alive";
  CHECK(std::count(report.begin(), report.end(), line) == 2);
}

TEST_CASE("no result when every device fails") {
  const FakeBoard board("devices 2\nrun 2+ never");
  const CliResult run = run_cli(eval_on_boards("0,1"));
  INFO(run.err);
  CHECK(run.code == 5);
  CHECK(run.out.empty());
}

TEST_CASE("bench measures each device under its number") {
  const FakeBoard board("devices 2");
  const CliResult run = run_cli({"bench", "--shape", "tiny", "--device", "fpga", "--xclbin", FAKE_XCLBIN, "--devices", "1,0",
                                 "--prefill", "4", "--decode", "1", "--seconds", "0", "--format", "json"});
  INFO(run.err);
  REQUIRE(run.code == 0);
  const json rows = json::parse(run.out)["results"];
  REQUIRE(rows.size() == 4);
  CHECK(rows[0]["device_number"] == 1);
  CHECK(rows[3]["device_number"] == 0);
}

TEST_CASE("device numbers that cannot be") {
  const FakeBoard board("devices 2");
  check_fails(eval_on_boards("0,2"), 4, "opening device 2 failed");
  check_fails(eval_on_boards("0,0"), 2, "--devices names a device twice");
  check_fails(generate_on_board({"--devices", "0,1"}), 2, "--devices: this command uses one device at a time");
  check_fails(eval_on({"--devices", "0"}), 2, "--devices numbers accelerators");
  check_fails(eval_on({"--time-limit", "3"}), 2, "--time-limit is for accelerators");
  CHECK(run_cli(generate_on_board({"--devices", "1"})).code == 0);
}
