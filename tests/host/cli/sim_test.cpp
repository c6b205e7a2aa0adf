// SPDX-License-Identifier: Apache-2.0
// The simulated accelerator from the command line: the same integers as the processor, cycles that are called simulated, and
// an exit code for a device that fails.
#include <algorithm>
#include <sstream>

#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;
using nlohmann::json;

namespace {

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

TEST_CASE("a model that cannot be read is what is said while sim is being opened, which is then given back") {
  const TemporaryDirectory directory;
  const std::filesystem::path report = directory.path() / "report";
  const Variable tell("SQUAT_SIM_REPORT", report.c_str());
  const std::vector<std::string> broken = {"generate", "--model", (directory.path() / "none").string(), "--prompt", "Once",
                                           "--device", "sim"};
  check_fails(broken, 3, "expected a model directory");
  // Only the emulation behind XRT reports; it is built where squat doctor finds it.
  if (std::filesystem::exists(report)) CHECK(read_bytes(report).find("0 buffers, 0 contexts alive") != std::string::npos);
  // Nor does what keeps sim from being opened come before the model.
  const Variable wrong("SQUAT_SIM_DDR", "nonsense");
  check_fails(broken, 3, "expected a model directory");
  check_fails(generate_on("sim"), 2, "SQUAT_SIM_DDR=nonsense");
}

TEST_CASE("sim scores minimal pairs as the processor does") {
  const TemporaryDirectory directory;
  write_bytes(directory.path() / "pair.jsonl",
              R"({"sentence_good": "There was a King.", "sentence_bad": "There a King was."})");
  const auto on = [&](const std::string& device) {
    return run_json({"eval", "--model", quantized_tales().string(), "--blimp", directory.path().string(), "--device", device});
  };
  const json cpu = on("cpu"), sim = on("sim");
  CHECK(sim["device"] == "sim");
  CHECK(sim["accelerator"].is_string());
  CHECK(sim["accuracy"] == cpu["accuracy"]);
  CHECK(sim["scores_sha256"] == cpu["scores_sha256"]);
}

TEST_CASE("both configurations give the same integers, and say which they are") {
  const auto on = [](const std::string& config) {
    std::vector<std::string> arguments = generate_on("sim");
    arguments.insert(arguments.end(), {"--config", config});
    return run_json(arguments);
  };
  const json sim = on("sim"), kv260 = on("kv260");
  CHECK(sim["config"] == "sim");
  CHECK(kv260["config"] == "kv260");
  CHECK(sim["accelerator"] == "16 x 16 cells, 4 bands, 4 read ports of 128 bit");
  CHECK(kv260["accelerator"] == "16 x 32 cells, 4 bands, 4 read ports of 128 bit");
  CHECK(kv260["ids"] == sim["ids"]);
  CHECK(kv260["logits_sha256"] == sim["logits_sha256"]);
  {
    const Variable variable("SQUAT_SIM_CONFIG", "kv260");
    CHECK(run_json(generate_on("sim"))["config"] == "kv260");
    CHECK(on("sim")["config"] == "sim");
  }
  const Variable no_emulation("SQUAT_ROOT", "/nowhere");
  CHECK(on("kv260")["config"] == "kv260");
}

TEST_CASE("verify finds sim and ref equal") {
  const json object = run_json({"verify", "--model", quantized_tales().string(), "--device", "sim", "--against", "ref",
                                "--prompt-tokens", "40", "--decode", "3", "--text", (tales() / "valid.txt").string()});
  CHECK(object["equal"] == true);
  CHECK(object["compared"] == "key-value cache, widths and logits");
  // After each pass: the cache of all positions so far (40, 41, 42, 43), one width count and one row of logits per token.
  const int layers = 4, cached = 2 * 2 * 32, vocabulary = 1024;
  CHECK(object["values"] == (40 + 41 + 42 + 43) * layers * cached + 4 * layers + 43 * vocabulary);
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

TEST_CASE("an estimate is the simulation's cycles under another name, and computes nothing") {
  const auto rows = [](const std::string& device, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"bench", "--shape", "tiny", "--device", device, "--prefill", "40", "--decode", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_json(arguments);
  };
  for (const std::string memory : {"", "1024,0,0,0,0"}) {
    const Variable ddr("SQUAT_SIM_DDR", memory.c_str());
    const std::vector<std::string> mixed = {"--activations", "mixed", "--rho", "0.5"};
    const json estimated = rows("estimate", mixed), simulated = rows("sim", mixed);
    CHECK(estimated["environment"]["ddr"] == simulated["environment"]["ddr"]);
    CHECK(estimated["environment"]["accelerator"] == simulated["environment"]["accelerator"]);
    for (std::size_t i = 0; i < 2; ++i) {
      const json &a = estimated["results"].at(i), &b = simulated["results"].at(i);
      CHECK(a["source"] == "estimated");
      CHECK(a["clock_source"] == "assumed");
      for (const char* same :
           {"phase", "cycles", "ms_per_token", "eight_bit_share", "mac_utilisation", "bandwidth_utilisation"}) {
        INFO(same);
        CHECK(a[same] == b[same]);
      }
    }
  }
  const json narrow = rows("estimate", {});
  for (const std::string config : {"kv260", "alveo"}) {
    INFO(config);
    const json wide = rows("estimate", {"--config", config}), simulated = rows("sim", {"--config", config});
    CHECK(wide["environment"]["config"] == config);
    CHECK(wide["environment"]["ddr"] == simulated["environment"]["ddr"]);
    CHECK(wide["results"][0]["cycles"] == simulated["results"][0]["cycles"]);
    CHECK(wide["results"][0]["cycles"] < narrow["results"][0]["cycles"]);
    CHECK(wide["results"][1]["cycles"] == simulated["results"][1]["cycles"]);
    // Only wider ports make decoding much faster.
    CHECK((3 * wide["results"][1]["cycles"].get<int>() < 2 * narrow["results"][1]["cycles"].get<int>()) == (config == "alveo"));
    CHECK(wide["environment"]["accelerator"].get<std::string>().find(
              config == "alveo" ? "ports of 512 bit" : "ports of 128 bit") != std::string::npos);
  }
  json predicted = rows("estimate", {"--profile"})["commands"], counted = rows("sim", {"--profile"})["commands"];
  REQUIRE(predicted.size() > 100);
  for (json* table : {&predicted, &counted}) {
    for (json& command : *table) command.erase("device");
  }
  CHECK(predicted == counted);
  const std::string model = quantized_tales().string();
  const std::string why = "predicts cycles and computes nothing";
  check_fails({"generate", "--model", model, "--prompt", "x", "--device", "estimate"}, 2, why);
  check_fails({"eval", "--model", model, "--text", (tales() / "valid.txt").string(), "--device", "estimate"}, 2, why);
  check_fails({"verify", "--model", model, "--device", "estimate"}, 2, why);
  check_fails({"verify", "--model", model, "--device", "cpu", "--against", "estimate"}, 2, why);
  const Variable stalls("SQUAT_SIM_STALL_SEED", "3");
  check_fails({"bench", "--shape", "tiny", "--device", "estimate"}, 2, "SQUAT_SIM_STALL_SEED");
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

TEST_CASE("what the accelerator cannot hold is refused before anything runs") {
  const TemporaryDirectory directory;
  const std::filesystem::path wide = directory.path() / "wide";
  std::filesystem::copy(quantized_tales(), wide);
  json config = json::parse(read_bytes(wide / "config.json"));
  config["max_position_embeddings"] = 4000;
  write_bytes(wide / "config.json", config.dump());
  // The processor would work for a long time on these; the accelerator has 1024 positions.
  const std::vector<std::string> needs = {"1024 positions", "--device sim"};
  for (const std::string& message : needs) {
    check_fails({"verify", "--model", wide.string(), "--device", "cpu", "--against", "sim", "--prompt-tokens", "900",
                 "--decode", "125"},
                2, message);
    check_fails({"generate", "--model", wide.string(), "--prompt", "x", "--tokens", "1024", "--device", "sim"}, 2, message);
    check_fails({"bench", "--model", wide.string(), "--device", "cpu,sim", "--prefill", "1000", "--decode", "25"}, 2, message);
  }
  check_fails(
      {"eval", "--model", wide.string(), "--text", (tales() / "valid.txt").string(), "--window", "1025", "--device", "sim"}, 2,
      "1024 positions");
}

TEST_CASE("csv rows carry the environment, published ones do not") {
  const CliResult result = run_cli({"compare", "--device", "sim", "--prefill", "8", "--decode", "1", "--format", "csv"});
  REQUIRE(result.code == 0);
  std::istringstream lines(result.out);
  std::string header, line;
  std::getline(lines, header);
  for (const char* column : {"environment.cpu", "environment.commit", "environment.ddr", "environment.seed"}) {
    INFO(column);
    CHECK(header.find(column) != std::string::npos);
  }
  const auto commas = [](const std::string& text) { return std::count(text.begin(), text.end(), ','); };
  int simulated = 0, published = 0;
  while (std::getline(lines, line)) {
    const bool own = line.find("rtl-simulated") != std::string::npos;
    ++(own ? simulated : published);
    CHECK((line.find("64 B/cycle") != std::string::npos) == own);
    CHECK(commas(line) >= commas(header));
  }
  CHECK(simulated == 12);
  CHECK(published == 28);
}

TEST_CASE("compare names the devices it leaves out, and fails when they were asked for") {
  const std::vector<std::string> short_run = {"compare", "--prefill", "4", "--decode", "1", "--seconds", "0"};
  const auto compare = [&](std::vector<std::string> more) {
    more.insert(more.begin(), short_run.begin(), short_run.end());
    return run_cli(more);
  };
  const auto check_cpu_only = [](const CliResult& result, int code) {
    INFO(result.err);
    CHECK(result.code == code);
    CHECK(result.err.find("device sim is left out: ") != std::string::npos);
    const json object = json::parse(result.out);
    CHECK(object["left_out"].size() == 1);
    CHECK(object["left_out"][0]["device"] == "sim");
    for (const json& row : object["results"]) CHECK(row["device"] != "sim");
    CHECK(object["results"].size() == 14 + 28);
  };
  {
    const Variable nothing_there("SQUAT_ROOT", "/nowhere");
    check_cpu_only(compare({"--transport", "xrt", "--format", "json"}), 0);
    check_cpu_only(compare({"--transport", "xrt", "--format", "json", "--device", "cpu,sim"}), 4);
  }
  const Variable fault("SQUAT_SIM_CYCLE_LIMIT", "50");
  check_cpu_only(compare({"--format", "json"}), 5);
  check_cpu_only(compare({"--format", "json", "--device", "cpu,sim"}), 5);
}

TEST_CASE("an xclbin for sim is used through XRT and refused without it") {
  const auto bench = [](const std::string& xclbin) {
    return run_cli({"bench", "--shape", "tiny", "--device", "sim", "--prefill", "4", "--decode", "1", "--xclbin", xclbin});
  };
  CHECK(run_cli({"bench", "--shape", "tiny", "--device", "sim", "--transport", "direct", "--xclbin", "/nowhere"}).code == 2);
  const TemporaryDirectory directory;
  const std::filesystem::path file = directory.path() / "x.xclbin", whole = SQUAT_SIM_XCLBIN;
  if (!std::filesystem::exists(whole)) {
    CHECK(bench("/nowhere").code == 2);  // XRT is not built in
    return;
  }
  CHECK(bench(whole.string()).code == 0);
  const auto check_refused = [&](const std::string& path, const std::string& message) {
    const CliResult result = bench(path);
    INFO(path << "\n" << result.err);
    CHECK(result.code == 3);
    CHECK(result.out.empty());
    CHECK(result.err.find(path + ": ") != std::string::npos);
    CHECK(result.err.find(message) != std::string::npos);
  };
  check_refused("/nowhere", "No such file");
  check_refused("/dev/null", "expected a regular file");
  check_refused(directory.path().string(), "a directory");
  const std::string bytes = read_bytes(whole);
  for (const std::size_t size : {std::size_t{0}, std::size_t{8}, std::size_t{455}}) {
    write_bytes(file, bytes.substr(0, size));
    check_refused(file.string(), "bytes of header");
  }
  for (const std::size_t size : {std::size_t{456}, std::size_t{1000}, bytes.size() - 1}) {
    write_bytes(file, bytes.substr(0, size));
    check_refused(file.string(), "bytes of file, found");
  }
  write_bytes(file, std::string(1000, 'x'));
  check_refused(file.string(), "xclbin2");
  // The header: 4 bytes with the number of sections at 448; from 456 per section 4 bytes kind, 16 name, 8 offset, 8 size.
  std::string damaged = bytes;
  damaged.replace(456 + 24, 8, std::string(8, '\xff'));
  write_bytes(file, damaged);
  check_refused(file.string(), "section 0 (MEM_TOPOLOGY) offset");
  damaged = bytes;
  damaged.replace(448, 4, "\xff\xff\xff\x7f");
  write_bytes(file, damaged);
  check_refused(file.string(), "number of sections");
}
