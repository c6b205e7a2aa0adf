// SPDX-License-Identifier: Apache-2.0
// squat finetune and squat eval --task as a user runs them, on a task that no constant answer solves: which of two words
// occurs in a text.
#include <algorithm>

#include "host/backends/ref/ref_device.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/tokenizer.hpp"
#include "tests/host/cli/word_task.hpp"

using namespace squat;
using namespace squat::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// What does not depend on how it was computed.
json answers(json object) {
  for (const char* name : {"seconds", "threads", "device", "command", "task"}) object.erase(name);
  return object;
}

const std::vector<std::string> kW4A4 = {"--activations", "4", "--epochs", "5"};

}  // namespace

TEST_CASE("a model fine-tuned with rounding answers a task far better than any constant, the same on every device") {
  if (!has_trainer()) return;
  const Files files;
  const json trained = run_json(files.finetune("w4a4", kW4A4));
  CHECK(trained["examples"] == 480);
  CHECK(trained["step"] == 75);
  CHECK(trained["weight_bits"] == 4);
  CHECK(trained["activations"] == "4");
  const json& scores = trained["valid"];
  CHECK(scores["majority_class"] == "yes");
  CHECK(scores["majority_accuracy"].get<double>() < 0.66);
  CHECK(scores["accuracy"].get<double>() > 0.9);
  CHECK(scores["matthews"].get<double>() > 0.8);
  CHECK(trained["accuracy"].get<double>() == Approx(scores["accuracy"].get<double>()).margin(0.05));  // before the export

  const json cpu = run_json(files.eval("w4a4"));
  CHECK(cpu["device"] == "cpu");
  for (const char* name : {"accuracy", "stderr", "f1", "f1_macro", "matthews", "predictions_sha256", "majority_accuracy"})
    CHECK(cpu[name] == scores[name]);
  CHECK(cpu["classes"] == trained["classes"]);
  const json ref = run_json(files.eval("w4a4", {"--device", "ref", "--threads", "2"}));
  CHECK(ref["device"] == "ref");
  CHECK(answers(ref) == answers(cpu));
  CHECK(answers(run_json(files.eval("w4a4", {"--threads", "3"}))) == answers(cpu));
  CHECK(answers(run_json(files.eval("w4a4", {"--kernel", "scalar"}))) == answers(cpu));
  // The same texts in the other form, with numbers for classes.
  write_bytes(files.at("valid.jsonl"), json_lines(word_task(200, 2)));
  CHECK(answers(run_json({"eval", "--model", files.at("w4a4").string(), "--task", files.at("valid.jsonl").string()})) ==
        answers(cpu));

  // Token by token through the golden model, the largest of two logits behind the last.
  const model::LoadedModel loaded = model::load_model_directory(files.at("w4a4"));
  const model::Tokenizer tokenizer(files.at("w4a4"), loaded.config());
  backends::RefDevice device(*loaded.integer());
  const std::size_t no = cpu["classes"][0]["token"].get<std::size_t>(), yes = cpu["classes"][1]["token"].get<std::size_t>();
  const std::vector<Labelled> examples = word_task(200, 2);
  int right = 0;
  for (int i = 0; i < 40; ++i) {
    device.reset();
    std::vector<std::int32_t> logits;
    for (const int id : tokenizer.encode(examples[static_cast<std::size_t>(i)].text, true))
      logits = device.run({id}, engine::RowRange::kLast).logits;
    right += (logits[yes] > logits[no]) == (examples[static_cast<std::size_t>(i)].kind == "yes");
  }
  const json forty = run_json(files.eval("w4a4", {"--max-examples", "40"}));
  CHECK(forty["examples"] == 40);
  CHECK(forty["accuracy"].get<double>() == Approx(right / 40.0));
}

TEST_CASE("floating point is the baseline, and quantising it afterwards keeps its task") {
  if (!has_trainer()) return;
  const Files files;
  const json trained = run_json(files.finetune("fp32", {"--float", "--epochs", "3", "--threads", "2"}));
  CHECK(trained["activations"] == "float");
  CHECK(trained["valid"]["accuracy"].get<double>() > 0.95);
  const json real = run_json(files.eval("fp32", {"--threads", "2"}));
  CHECK(real["weight_bits"] == 32);
  CHECK(real["predictions_sha256"] == trained["valid"]["predictions_sha256"]);
  check_fails(files.eval("fp32", {"--device", "ref"}), 2, "only the cpu runs");
  run_cli({"quantize", "--model", files.at("fp32").string(), "--calib", (tales() / "calibration.txt").string(), "--out",
           files.at("ptq").string(), "--weight-bits", "8"});
  CHECK(run_json(files.eval("ptq"))["accuracy"].get<double>() > 0.9);

  // Distillation from it, with mixed widths.
  std::vector<std::string> taught = {"--activations", "mixed", "--rho",     "0.5",
                                     "--steps",       "3",     "--teacher", files.at("fp32").string()};
  const json mixed = run_json(files.finetune("mixed", taught));
  CHECK(mixed["kl"].get<double>() > 0);
  const json cpu = run_json(files.eval("mixed"));
  CHECK(cpu["eight_bit_share"].get<double>() == Approx(0.5).margin(0.2));
  CHECK(answers(run_json(files.eval("mixed", {"--device", "ref"}))) == answers(cpu));
}

TEST_CASE("the result depends on the seed alone, and an interrupted run continues to the same model") {
  if (!has_trainer()) return;
  const Files files;
  const std::vector<std::string> shortly = {"--steps", "12", "--checkpoint-every", "4"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), shortly.begin(), shortly.end());
    return more;
  };
  const auto weights = [&](const char* name) { return read_bytes(files.at(name) / "model.safetensors"); };
  run_json(files.finetune("one", with({})));
  run_json(files.finetune("two", with({"--threads", "2"})));
  run_json(files.finetune("seed", with({"--seed", "1"})));
  CHECK(weights("one") == weights("two"));
  CHECK(weights("one") != weights("seed"));
  const auto part = files.finetune("part", shortly);
  std::string command = "timeout --preserve-status -s INT 0.6 " + shell_quoted(SQUAT_BINARY);
  for (const std::string& argument : part) command += " " + shell_quoted(argument);
  const int status = std::system((command + " >/dev/null 2>&1").c_str());
  CHECK((WEXITSTATUS(status) == 130 || WEXITSTATUS(status) == 0));  // 0: it was done within the time
  run_json(part);
  CHECK(weights("one") == weights("part"));
  check_fails(files.finetune("one", {"--steps", "13"}), 3, "--steps was 12 and is 13");
  CHECK_THAT(read_bytes(files.at("one.run") / "log.csv"), Catch::Contains("perplexity,accuracy\n"));
}

TEST_CASE("a run starts from a checkpoint of quantisation-aware training with its scales") {
  if (!has_trainer()) return;
  const Files files;
  const std::string base = (tales() / "fp32").string();
  run_json({"qat", "--model", base, "--data", (tales() / "calibration.txt").string(), "--out", files.at("qat").string(),
            "--steps", "6", "--activations", "4", "--batch", "4", "--no-teacher"});
  const std::string checkpoint = (files.at("qat.run") / "checkpoints" / "step-000000006").string();
  run_json(files.finetune("from", {"--checkpoint", checkpoint, "--steps", "0", "--activations", "4"}));
  run_json(files.finetune("without", {"--steps", "0", "--activations", "4"}));
  const auto perplexity = [&](const std::string& name) {
    return run_json({"eval", "--model", files.at(name).string(), "--text", (tales() / "valid.txt").string(), "--max-windows",
                     "8"})["perplexity"]
        .get<double>();
  };
  const double trained = perplexity("qat");
  CHECK(perplexity("from") == Approx(trained).epsilon(0.002));  // only the fraction bits of gate and up are measured anew
  CHECK(std::abs(perplexity("without") - trained) > 0.01 * trained);
  run_json(files.finetune("plain", {"--checkpoint", checkpoint, "--steps", "1", "--float"}));
  check_fails(files.finetune("none", {"--checkpoint", files.at("qat").string(), "--steps", "1"}), 3, "complete");
}
