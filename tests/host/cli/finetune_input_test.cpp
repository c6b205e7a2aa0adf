// SPDX-License-Identifier: Apache-2.0
// What squat finetune and squat eval --task refuse, and what they cut.
#include <algorithm>

#include "tests/host/cli/word_task.hpp"

using namespace squat::test;
using nlohmann::json;
namespace fs = std::filesystem;

TEST_CASE("texts that are too long are cut and counted") {
  if (!has_trainer()) return;
  const Files files;
  const json trained =
      run_json(files.finetune("short", {"--steps", "1", "--length", "8", "--words", "go,no", "--classes", "yes,no"}));
  CHECK(trained["cut"].get<int>() > 240);
  CHECK(trained["longest"] == 8);
  const json scores = run_json(files.eval("short"));
  CHECK(scores["cut"].get<int>() > 100);
  CHECK(scores["longest"] == 8);
  CHECK(scores["tokens"].get<int>() <= 8 * 200);
  CHECK(scores["classes"][0]["class"] == "yes");
  CHECK(scores["classes"][0]["word"] == "go");
  CHECK(scores["majority_class"] == "yes");
}

TEST_CASE("what cannot be is refused before anything is written") {
  if (!has_trainer()) return;
  const Files files;
  const auto refused = [&](const std::vector<std::string>& more, int code, const std::string& message) {
    check_fails(files.finetune("out", more), code, message);
    CHECK_FALSE(fs::exists(files.at("out")));
    CHECK_FALSE(fs::exists(files.at("out.run")));
  };
  refused({"--metric", "bleu"}, 2, "--metric");
  refused({"--task-name", "glue"}, 2, "--task-name");
  refused({"--float", "--activations", "4"}, 2, "--activations is about rounding");
  refused({"--steps", "3", "--epochs", "1"}, 2, "both say how long");
  refused({"--gamma", "0.5"}, 2, "give --teacher DIR");
  refused({"--method", "llm-qat"}, 2, "learns from a teacher alone");
  refused({"--rho", "0.5"}, 2, "--activations mixed");
  refused({"--length", "300"}, 2, "--length 300 is beyond the model's 256 positions");
  refused({"--words", "go"}, 2, "one for each of the 2 classes");
  refused({"--words", "go,Rumpelstiltskin"}, 2, "one piece of the model's vocabulary");
  refused({"--classes", "yes"}, 2, "expected 2 to 64 classes");
  refused({"--classes", "yes,maybe"}, 3, "train.tsv: line");
  refused({"--classes", "a,b,c", "--metric", "f1"}, 3, "field 'kind'");
  std::vector<std::string> other = files.finetune("out", {});
  std::replace(other.begin(), other.end(), std::string("{sentence}"), std::string("{text}"));
  check_fails(other, 3, "expected the fields 'text', 'kind'; found 3 columns: 'number', 'kind', 'sentence'");
  std::vector<std::string> unnamed = files.finetune("out", {});
  unnamed.erase(std::find(unnamed.begin(), unnamed.end(), "--layout"), std::find(unnamed.begin(), unnamed.end(), "--out"));
  check_fails(unnamed, 2, "give --task-name NAME");
  std::vector<std::string> quantised = files.finetune("out", {});
  quantised[2] = quantized_tales().string();
  check_fails(quantised, 2, "is quantised already");

  const std::string good = read_bytes(files.train());
  write_bytes(files.train(), good + "only one column\n");
  refused({}, 3, "train.tsv: line 482: expected 3 columns as in the first line, found 1");
  CHECK(run_json(files.finetune("skips", {"--skip-bad-lines", "--steps", "1"}))["skipped"] == 1);
  const std::string model = quantized_tales().string(), valid = files.valid().string();
  check_fails({"eval", "--model", model, "--task", valid}, 3, "task.json: expected the task of a fine-tuned model");
  check_fails({"eval", "--model", model, "--task", valid, "--blimp", "x"}, 2, "give either --text FILE");
  check_fails({"eval", "--model", model, "--task", valid, "--max-pairs", "3"}, 2, "--max-pairs goes with --blimp");
  check_fails({"eval", "--model", model, "--blimp", "x", "--max-examples", "3"}, 2, "--max-examples goes with --task");
  write_bytes(files.valid(), "number\tkind\tsentence\n1\tperhaps\ta text\n");
  check_fails(files.eval("skips"), 3, "valid.tsv: line 2: field 'kind': expected one of 'no', 'yes'");
  check_fails(files.eval("skips", {"--skip-bad-lines"}), 3, "found none");
}
