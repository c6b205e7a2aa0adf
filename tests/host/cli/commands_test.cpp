// SPDX-License-Identifier: Apache-2.0
// What every sub-command prints when all goes well. Fields: the table of names that outside programs rely on.
#include <algorithm>
#include <set>
#include <sstream>

#include "tests/host/cli/cli_run.hpp"

using namespace squat::test;
using nlohmann::json;

namespace {

const std::vector<std::string> kCommands = {"quantize", "generate", "eval",    "bench",  "compare",   "verify",
                                            "analyze",  "report",   "inspect", "doctor", "completion"};

void check_fields(const json& object, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    INFO(name);
    CHECK(object.contains(name));
  }
}

std::vector<std::string> generate_arguments(const std::string& device, const std::string& chunk) {
  return {"generate",
          "--model",
          quantized_tales().string(),
          "--prompt",
          "There was once a King who had three daughters",
          "--tokens",
          "12",
          "--device",
          device,
          "--chunk",
          chunk};
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

}  // namespace

TEST_CASE("every help names units, defaults and an example, on standard output") {
  for (const std::string& command : kCommands) {
    INFO(command);
    const CliResult result = run_cli({command, "--help"});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(result.out.find("Example:\n  squat " + command) != std::string::npos);
    CHECK(result.out.find("default") != std::string::npos);
    CHECK(result.out.find('\033') == std::string::npos);
    CHECK(widest_line(result.out) <= 80);
  }
  const CliResult all = run_cli({"--help"});
  CHECK(all.code == 0);
  CHECK(widest_line(all.out) <= 80);
  for (const std::string& command : kCommands) CHECK(all.out.find("\n  " + command + " ") != std::string::npos);
  CHECK(run_cli({"--version"}).out.compare(0, 6, "squat ") == 0);
}

TEST_CASE("quantize reports every site") {
  const TemporaryDirectory directory;
  const json object =
      run_json({"quantize", "--model", (tales() / "fp32").string(), "--calib", (tales() / "calibration.txt").string(), "--out",
                (directory.path() / "w8").string(), "--weight-bits", "8", "--activations", "8"});
  check_fields(object, {"model", "sites"});
  REQUIRE(object["sites"].size() > 20);
  for (const json& site : object["sites"]) {
    check_fields(site, {"name", "scale", "mse"});
    CHECK(site["scale"].get<double>() > 0);
  }
  CHECK(std::filesystem::exists(directory.path() / "w8" / "model.safetensors"));
  CHECK(std::filesystem::exists(directory.path() / "w8" / "tokenizer.model"));
}

TEST_CASE("eval reports perplexity of float and integer directories") {
  const std::vector<std::string> text = {"--text", (tales() / "valid.txt").string(), "--max-windows", "2"};
  std::vector<std::string> arguments = {"eval", "--model", (tales() / "fp32").string()};
  arguments.insert(arguments.end(), text.begin(), text.end());
  const json real = run_json(arguments);
  arguments[2] = quantized_tales().string();
  const json integer = run_json(arguments);
  for (const json& object : {real, integer}) {
    check_fields(object, {"perplexity", "tokens", "weight_bits", "activations", "eight_bit_share", "device"});
    CHECK(object["tokens"] == 2 * 127);
  }
  CHECK(integer["weight_bits"] == 4);
  CHECK(integer["activations"] == "mixed");
  CHECK(integer["eight_bit_share"].get<double>() == Approx(0.5).margin(0.02));
  CHECK(integer["perplexity"].get<double>() > real["perplexity"].get<double>());
  CHECK(integer["perplexity"].get<double>() < 1.5 * real["perplexity"].get<double>());
}

TEST_CASE("generate gives the same logits on every device and for every chunking") {
  const json first = run_json(generate_arguments("cpu", "128"));
  check_fields(first, {"text", "ids", "logits_sha256", "device"});
  CHECK(first["ids"].size() == 12);
  CHECK(first["logits_sha256"].get<std::string>().size() == 64);
  for (const char* device : {"cpu", "ref"}) {
    for (const char* chunk : {"1", "5", "128"}) {
      const json other = run_json(generate_arguments(device, chunk));
      CHECK(other["device"] == device);
      CHECK(other["ids"] == first["ids"]);
      CHECK(other["logits_sha256"] == first["logits_sha256"]);
    }
  }
}

TEST_CASE("generate continues the prompt with its own first token") {
  std::vector<std::string> arguments = generate_arguments("cpu", "128");
  arguments[6] = "1";
  const json one = run_json(arguments);
  arguments[6] = "12";
  const json twelve = run_json(arguments);
  CHECK(one["ids"][0] == twelve["ids"][0]);
  CHECK(one["prompt_ids"][0] == 1);
  CHECK(one["logits_sha256"] != twelve["logits_sha256"]);
}

TEST_CASE("verify finds cpu and ref equal") {
  const json object = run_json({"verify", "--model", quantized_tales().string(), "--device", "cpu", "--against", "ref",
                                "--prompt-tokens", "9", "--decode", "3"});
  CHECK(object["equal"] == true);
  CHECK(object["compared"] == "every tensor");
  CHECK(object["passes"] == 4);
}

TEST_CASE("bench reports measured rows with an environment") {
  const json object = run_json({"bench", "--shape", "tiny", "--prefill", "16", "--decode", "2", "--activations", "mixed",
                                "--rho", "0.3", "--seconds", "0"});
  check_fields(object, {"results", "environment"});
  check_fields(object["environment"], {"cpu", "compiler", "commit", "threads"});
  REQUIRE(object["results"].size() == 2);
  std::set<std::string> phases;
  for (const json& row : object["results"]) {
    check_fields(row, {"device", "phase", "weight_bits", "activations", "rho", "tokens", "context", "ms_per_token", "source"});
    CHECK(row["source"] == "measured");
    CHECK(row["ms_per_token"].get<double>() > 0);
    phases.insert(row["phase"].get<std::string>());
  }
  CHECK(phases == std::set<std::string>{"prefill", "decode"});
  CHECK(object["results"][0]["eight_bit_share"].get<double>() == 5.0 / 16);  // ceil(0.3 * 16) of 16 tokens
}

TEST_CASE("compare covers the paper's settings and marks its rows as published") {
  const json object = run_json({"compare", "--device", "cpu", "--prefill", "8", "--decode", "1", "--seconds", "0"});
  std::set<std::string> settings, sources;
  for (const json& row : object["results"]) {
    check_fields(row, {"device", "phase", "weight_bits", "activations", "rho", "tokens", "context", "ms_per_token", "source"});
    sources.insert(row["source"].get<std::string>());
    if (row["source"] == "published") CHECK(row["context"].is_null());  // the paper does not state it
    if (row["device"] == "cpu") {
      CHECK(row["source"] == "measured");
      settings.insert(row["weight_bits"].dump() + row["activations"].get<std::string>() + row["rho"].dump());
    }
  }
  CHECK(sources == std::set<std::string>{"measured", "published"});
  CHECK(settings == std::set<std::string>{"1616null", "881.0", "481.0", "4mixed0.75", "4mixed0.5", "4mixed0.25", "440.0"});
}

TEST_CASE("compare runs a device once however often it is named, and says how near its limit each row is") {
  const json object = run_json({"compare", "--device", "cpu,estimate,cpu", "--config", "kv260,sim,kv260", "--prefill", "8",
                                "--decode", "1", "--seconds", "0"});
  std::multiset<std::string> lines;
  for (const json& row : object["results"]) {
    if (row["source"] == "published") {
      CHECK_FALSE(row.contains("limit"));
      continue;
    }
    lines.insert(row["device"].get<std::string>() + (row.contains("config") ? " " + row["config"].get<std::string>() : ""));
    check_fields(row, {"tokens_per_second", "bytes_per_token", "macs_per_token", "limit", "limit_share", "speedup_fp16",
                       "speedup_w8a8"});
    CHECK(row["tokens_per_second"].get<double>() == Approx(1e3 / row["ms_per_token"].get<double>()));
    CHECK(row.contains("first_token_ms") == (row["phase"] == "prefill"));
    CHECK(row["limit_share"].get<double>() > 0);
    if (row["weight_bits"] == 8) CHECK(row["speedup_w8a8"] == 1.0);
    if (row["device"] == "estimate") {
      CHECK(row["limit_share"].get<double>() ==
            Approx(std::max(row["mac_utilisation"].get<double>(), row["bandwidth_utilisation"].get<double>())));
      CHECK(row["moved_bytes_per_token"].get<double>() >= row["bytes_per_token"].get<double>());
    }
  }
  CHECK(lines.count("cpu") == 7 * 2);  // it alone computes in FP16
  for (const char* line : {"estimate sim", "estimate kv260"}) CHECK(lines.count(line) == 6 * 2);
  CHECK(lines.size() == (7 + 6 + 6) * 2);
  const CliResult table =
      run_cli({"compare", "--device", "estimate", "--config", "sim,kv260", "--prefill", "8", "--decode", "1"});
  CHECK(table.code == 0);
  CHECK(table.out.find("\ndecode: ms per token\n") != std::string::npos);
  check_fails({"compare", "--device", "estimate", "--config", "sim,vu9p"}, 2, "--config");
  check_fails({"compare", "--device", "cpu", "--config", "kv260"}, 2, "--config");
}

TEST_CASE("inspect lists tensors with scales") {
  const json object = run_json({"inspect", "--model", quantized_tales().string()});
  CHECK(object["kind"] == "integer");
  CHECK(object["parameters"] == 918656);  // models/tales/README.md
  CHECK(object["config"]["layers"] == 4);
  bool found = false;
  for (const json& tensor : object["tensors"]) {
    if (tensor["name"] != "model.layers.0.mlp.down_proj.qweight") continue;
    found = true;
    CHECK(tensor["bytes"] == 128 * 384 / 2);
    CHECK(tensor["scale"].get<double>() > 0);
    CHECK(tensor["largest_code"] == 7);
  }
  CHECK(found);
  CHECK(run_json({"inspect", "--model", (tales() / "fp32").string()})["kind"] == "floating point");
}

TEST_CASE("inspect tells vocabularies, results and traces apart") {
  const json vocabulary = run_json({"inspect", (tales() / "fp32" / "tokenizer.model").string()});
  CHECK(vocabulary["kind"] == "vocabulary");
  CHECK(vocabulary["form"] == "SentencePiece");
  CHECK(vocabulary["pieces"] == 1024);
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "x.json").string();
  write_bytes(file, R"({"schema": "squat.bench/1", "command": "squat bench", "results": [1, 2], "roles": [], "commands": [
    {"device": "sim", "phase": "decode", "pass": 0, "layer": 0, "role": "q", "head": null, "unit": "gemm", "start": 0, "end": 60,
     "busy": 40, "first": 0, "last": 50, "weight_stall": 5, "drain_stall": 1},
    {"device": "sim", "phase": "decode", "pass": 0, "layer": 0, "role": "q", "head": null, "unit": "load", "start": 20, "end": 80,
     "busy": 20, "first": 0, "last": 50, "weight_stall": 0, "drain_stall": 2},
    {"device": "sim", "phase": "decode", "pass": 1, "layer": 0, "role": "q", "head": null, "unit": "load", "start": 0, "end": 900,
     "busy": 900, "first": 0, "last": 50, "weight_stall": 0, "drain_stall": 0}]})");
  const json trace = run_json({"inspect", file});
  CHECK(trace["kind"] == "trace");
  REQUIRE(trace["first_passes"].size() == 1);
  const json& pass = trace["first_passes"][0];
  CHECK(pass["commands"] == 2);
  CHECK(pass["cycles"] == 80);
  CHECK(pass["gemm_busy"] == 0.5);
  CHECK(pass["load_busy"] == 0.25);
  CHECK(pass["weight_stall"] == 5);
  CHECK(pass["drain_stall"] == 3);
  write_bytes(file, R"({"schema": "squat.eval/1", "perplexity": 3})");
  CHECK(run_json({"inspect", file})["kind"] == "result");
  for (const char* bad : {"", "[]", "{", R"({"schema": "squat.bench/1", "roles": [], "commands": [{"device": 1}]})"}) {
    write_bytes(file, bad);
    check_fails({"inspect", file}, 3, file);
  }
  write_bytes(directory.path() / "x.bin", "x");
  check_fails({"inspect", (directory.path() / "x.bin").string()}, 3, "expected a device program");
  check_fails({"inspect", (directory.path() / "missing.bin").string()}, 3, "missing.bin: cannot open");
  check_fails({"inspect", directory.path().string()}, 3, "expected a checkpoint or a run");
  check_fails({"inspect", (directory.path() / "none.model").string()}, 3, "none.model");
  check_fails({"inspect"}, 2, "found neither");
  check_fails({"inspect", file, "--model", file}, 2, "found both");
}

TEST_CASE("inspect summarises a run and its checkpoints, and finds damage") {
  if (!has_trainer()) return;
  const TemporaryDirectory directory;
  const std::string out = (directory.path() / "toy").string(), run = out + ".run";
  const CliResult trained = run_cli({"train",
                                     "--data",
                                     (tales() / "calibration.txt").string(),
                                     "--valid",
                                     (tales() / "valid.txt").string(),
                                     "--out",
                                     out,
                                     "--tokenizer",
                                     (tales() / "fp32").string(),
                                     "--hidden",
                                     "32",
                                     "--layers",
                                     "1",
                                     "--heads",
                                     "2",
                                     "--ffn",
                                     "64",
                                     "--steps",
                                     "3",
                                     "--batch",
                                     "2"});
  INFO(trained.err);
  REQUIRE(trained.code == 0);
  const json log = run_json({"inspect", run});
  CHECK(log["kind"] == "run");
  CHECK(log["steps"] == 3);
  CHECK(log["last_step"] == 3);
  CHECK(log["first_loss"].get<double>() > 5);  // near ln 1024
  REQUIRE(log["checkpoints"].size() > 0);
  const std::filesystem::path checkpoint = run + "/checkpoints/" + log["checkpoints"].back().get<std::string>();
  const json state = run_json({"inspect", checkpoint.string()});
  CHECK(state["kind"] == "checkpoint");
  CHECK(state["step"] == 3);
  CHECK(state["crc32"] == "matches");
  // Embedding and head 2 * 1024 * 32, four attention matrices 32 * 32, three of the MLP 32 * 64, three gains of 32.
  const int untied = 2 * 1024 * 32 + 4 * 32 * 32 + 3 * 32 * 64 + 3 * 32;
  CHECK((state["parameters"] == untied || state["parameters"] == untied - 1024 * 32));
  std::string bytes = read_bytes(checkpoint / "state.safetensors");
  bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] ^ 1);
  write_bytes(checkpoint / "state.safetensors", bytes);
  check_fails({"inspect", checkpoint.string()}, 3, "CRC-32");
  write_bytes(checkpoint / "state.safetensors", bytes.substr(0, 100));
  check_fails({"inspect", checkpoint.string()}, 3, "found 100");
  write_bytes(checkpoint / "complete", "squat checkpoint 1\nstate.safetensors many");
  check_fails({"inspect", checkpoint.string()}, 3, "complete: expected the size and CRC-32 of a checkpoint");
}

TEST_CASE("doctor finds the cpu device equal to the golden model") {
  const json object = run_json({"doctor"});
  CHECK(object["ok"] == true);
  for (const json& check : object["checks"]) {
    check_fields(check, {"check", "status", "found"});
    if (check["check"] == "device cpu") CHECK(check["status"] == "ok");
    if (check["status"] != "ok") CHECK(check.contains("fix"));
  }
}

TEST_CASE("common options are understood before and after the command") {
  const CliResult before = run_cli({"--format", "json", "inspect", "--model", quantized_tales().string()});
  const CliResult after = run_cli({"inspect", "--model", quantized_tales().string(), "--format", "json"});
  CHECK(before.code == 0);
  json first = json::parse(before.out), second = json::parse(after.out);
  CHECK(first["command"] == "squat --format json inspect --model " + quantized_tales().string());
  first.erase("command");
  second.erase("command");
  CHECK(first == second);
}

TEST_CASE("table, md and csv hold the same values") {
  for (const char* format : {"table", "md", "csv"}) {
    const CliResult result = run_cli({"inspect", "--model", (tales() / "fp32").string(), "--format", format});
    INFO(format);
    CHECK(result.code == 0);
    CHECK(result.out.find("model.layers.3.mlp.up_proj.weight") != std::string::npos);
    CHECK(result.out.find("384 128") != std::string::npos);
  }
}
