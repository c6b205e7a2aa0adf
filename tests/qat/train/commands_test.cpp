// SPDX-License-Identifier: Apache-2.0
// squat train and squat qat as a user runs them.
#include <algorithm>
#include <map>

#include "tests/qat/tiny_training.hpp"

using namespace squat::test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> train_arguments(const fs::path& out) {
  return tiny_train(out, kTinyLlama + std::string("--steps 12 --batch 4 --checkpoint-every 5 --validate-every 6"));
}

std::vector<std::string> qat_arguments(const fs::path& out) {
  return tiny_qat(tales() / "fp32", out, "--steps 3 --batch 2 --warmup 0");
}

}  // namespace

TEST_CASE("help of both commands names units, defaults and an example") {
  for (const std::string command : {"train", "qat"}) {
    const CliResult result = run_cli({command, "--help"});
    CHECK(result.code == 0);
    CHECK(result.out.find("Example:\n  squat " + command) != std::string::npos);
    CHECK(result.out.find("default") != std::string::npos);
  }
}

TEST_CASE("train writes a directory that every other command takes, whatever the number of threads") {
  const TemporaryDirectory directory;
  const fs::path one = directory.path() / "one", two = directory.path() / "two";
  const json report = run_json(train_arguments(one));
  CHECK(report["step"] == 12);
  CHECK(report["vocabulary"] == 300);
  CHECK(report["interrupted"] == false);
  CHECK(fs::exists(one / "tokenizer.json"));
  CHECK(fs::exists(directory.path() / "one.run" / "log.csv"));
  const json eval =
      run_json({"eval", "--model", one.string(), "--text", (tales() / "valid.txt").string(), "--max-windows", "4"});
  CHECK(eval["perplexity"].get<double>() == Approx(report["perplexity"].get<double>()).epsilon(1e-4));

  auto threads = train_arguments(two);
  append(threads, {"--threads", "3"});
  run_json(threads);
  CHECK(read_bytes(one / "model.safetensors") == read_bytes(two / "model.safetensors"));

  // The same command again finds nothing left to do; other settings are refused.
  const json again = run_json(train_arguments(one));
  CHECK(again["resumed_from"] == 12);
  auto other = train_arguments(one);
  append(other, {"--lr", "0.1"});
  check_fails(other, 3, "other settings (--lr was 0.003 and is 0.1)");

  const fs::path integer = directory.path() / "integer";
  const json quantised = run_json({"qat", "--model", one.string(), "--data", (tales() / "calibration.txt").string(), "--out",
                                   integer.string(), "--steps", "2", "--batch", "2", "--length", "32"});
  CHECK(quantised["weight_bits"] == 4);
  CHECK(fs::exists(integer / "tokenizer.json"));
  CHECK_FALSE(fs::exists(integer / "tokenizer.model"));
  run_json({"generate", "--model", integer.string(), "--prompt", "the king", "--tokens", "3"});
}

TEST_CASE("qat writes an integer model that is as good as what it trained") {
  const TemporaryDirectory directory;
  // Scores in integers and in floating point rank a few tokens differently: on 20 windows that is a percent at most.
  const std::map<std::string, double> tolerances = {{"8", 0.005}, {"mixed", 0.02}};
  for (const auto& [activations, tolerance] : tolerances) {
    const fs::path out = directory.path() / activations;
    const std::vector<std::string> windows = {(tales() / "valid.txt").string(), "--max-windows", "20"};
    auto arguments = qat_arguments(out);
    if (activations == "mixed") append(arguments, {"--rule", "sequence"});
    append(arguments, {"--activations", activations, "--valid"});
    append(arguments, windows);
    const json report = run_json(arguments);
    CHECK(report["eight_bit_share"].get<double>() == Approx(activations == "8" ? 1.0 : 0.5).margin(0.1));
    CHECK(report["kl"].get<double>() > 0);
    std::vector<std::string> evaluation = {"eval", "--model", out.string(), "--text"};
    append(evaluation, windows);
    const json eval = run_json(evaluation);
    CHECK(eval["perplexity"].get<double>() == Approx(report["perplexity"].get<double>()).epsilon(tolerance));
  }
}

TEST_CASE("every method writes an integer model that is as good as what it trained") {
  const TemporaryDirectory directory;
  for (const std::string method : {"lsq", "llm-qat", "pact", "nipq", "ptq"}) {
    INFO(method);
    const fs::path out = directory.path() / method;
    auto arguments = qat_arguments(out);
    append(arguments, {"--method", method, "--valid", (tales() / "valid.txt").string(), "--max-windows", "10"});
    const json report = run_json(arguments);
    CHECK(report["method"] == method);
    CHECK(report["step"] == (method == "ptq" ? 0 : 3));
    CHECK((report["kl"].get<double>() > 0) == (method == "llm-qat"));
    const json eval =
        run_json({"eval", "--model", out.string(), "--text", (tales() / "valid.txt").string(), "--max-windows", "10"});
    CHECK(eval["perplexity"].get<double>() == Approx(report["perplexity"].get<double>()).epsilon(0.01));
  }
}

TEST_CASE("widths that no integer device has are trained and measured, and nothing is written") {
  const TemporaryDirectory directory;
  const fs::path out = directory.path() / "six";
  auto arguments = qat_arguments(out);
  append(arguments, {"--activation-bits", "6"});
  check_fails(arguments, 2, "the integer devices have 8 and 4 bits only");
  append(arguments, {"--valid", (tales() / "valid.txt").string(), "--max-windows", "4"});
  const json report = run_json(arguments);
  CHECK(report["model"].is_null());
  CHECK(report["activation_bits"] == 6);
  CHECK(report["perplexity"].get<double>() > 1);
  CHECK_FALSE(fs::exists(out));
  append(arguments, {"--activations", "mixed"});
  check_fails(arguments, 2, "--activations 8");
}

TEST_CASE("an interrupted run is saved, and continues to the same model") {
  const TemporaryDirectory directory;
  const auto arguments_for = [&](const char* name) {
    auto arguments = qat_arguments(directory.path() / name);
    *(std::find(arguments.begin(), arguments.end(), "--steps") + 1) = "60";
    append(arguments, {"--activations", "mixed"});
    return arguments;
  };
  const auto whole = arguments_for("whole"), part = arguments_for("part");
  run_json(whole);
  std::string command = "timeout --preserve-status -s INT 1 " + shell_quoted(SQUAT_BINARY);
  for (const std::string& argument : part) command += " " + shell_quoted(argument);
  const int status = std::system((command + " >/dev/null 2>&1").c_str());
  CHECK((WEXITSTATUS(status) == 130 || WEXITSTATUS(status) == 0));  // 0: it was done within the second
  run_json(part);
  CHECK(read_bytes(directory.path() / "whole" / "model.safetensors") ==
        read_bytes(directory.path() / "part" / "model.safetensors"));
}

TEST_CASE("bad texts, vocabularies and targets are refused before anything is trained") {
  const TemporaryDirectory directory;
  const fs::path text = directory.path() / "text";
  const auto with_data = [&](const std::string& bytes) {
    write_bytes(text, bytes);
    auto arguments = train_arguments(directory.path() / "out");
    arguments[2] = text.string();
    return arguments;
  };
  check_fails(with_data(""), 3, "an empty file");
  check_fails(with_data("good\nbad \xff\n"), 3, "line 2, byte 9");
  check_fails(with_data("too short"), 3, "tokens");
  CHECK_FALSE(fs::exists(directory.path() / "out"));
  auto arguments = train_arguments(directory.path() / "out");
  append(arguments, {"--teacher", (tales() / "fp32").string()});
  check_fails(arguments, 2, "the same vocabulary");
  const fs::path vocabulary = directory.path() / "bad.model";
  write_bytes(vocabulary, "");
  check_fails({"train", "--data", tales_file("valid.txt"), "--out", (directory.path() / "out").string(), "--tokenizer",
               vocabulary.string()},
              3, "bad.model: expected a SentencePiece model");
  CHECK_FALSE(fs::exists(directory.path() / "out.run" / "tokenizer.model"));
  arguments = qat_arguments(directory.path() / "out");
  append(arguments, {"--teacher-weight", "1", "--teacher-weight", "2"});
  check_fails(arguments, 2, "--teacher-weight");
  write_bytes(directory.path() / "file", "x");
  check_fails(train_arguments(directory.path() / "file"), 2, "expected a directory");
}
