// SPDX-License-Identifier: Apache-2.0
// squat eval --blimp from the command line, against a forward pass that decodes token by token.
#include <cmath>
#include <map>

#include "host/backends/ref/ref_device.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/tokenizer.hpp"
#include "tests/host/cli/cli_run.hpp"

using namespace squat;
using namespace squat::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

const Pairs kOrder = {{"There was once a King who had three daughters.", "There once King was a who had three daughters."},
                      {"The King said to his daughter.", "The King say to said daughter."},
                      {"She went into the forest.", "She forest went into the."},
                      {"Then the wolf came to the house.", "Then the house wolf came the to."}};
const Pairs kOther = {{"the the the", "The King had a son."}, {"He said nothing.", "He said nothing."}};

void write_pairs(const fs::path& file, const Pairs& pairs, const std::string& term) {
  std::string text;
  for (const auto& [good, bad] : pairs) {
    json line = {{"sentence_good", good}, {"sentence_bad", bad}};
    if (!term.empty()) line.update({{"field", "syntax"}, {"linguistics_term", term}});
    text += line.dump() + "\n";
  }
  fs::create_directories(file.parent_path());
  write_bytes(file, text);
}

/// BLiMP's folders in small: two paradigms of one field, and a supplement without groups.
struct Set {
  Set() {
    write_pairs(blimp() / "data" / "order.jsonl", kOrder, "word_order");
    write_pairs(blimp() / "data" / "other.jsonl", kOther, "made_up");
    write_pairs(supplement() / "extra.jsonl", {kOrder[0], kOrder[2], kOther[0]}, "");
  }
  fs::path blimp() const { return directory.path() / "blimp"; }
  fs::path supplement() const { return directory.path() / "supplement"; }
  std::vector<std::string> arguments(const std::string& model, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {
        "eval", "--model", model, "--blimp", blimp().string(), "--supplement", supplement().string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  TemporaryDirectory directory;
};

/// -ln p of a sentence, one token at a time through the golden model.
long double decoded(backends::RefDevice& device, const std::vector<int>& ids) {
  device.reset();
  long double total = 0;
  for (std::size_t t = 0; t + 1 < ids.size(); ++t) {
    const std::vector<std::int32_t> logits = device.run({ids[t]}, engine::RowRange::kLast).logits;
    long double sum = 0;
    const auto real = [&](int id) {
      return static_cast<long double>(logits[static_cast<std::size_t>(id)]) * device.model().logit_scale;
    };
    for (int v = 0; v < static_cast<int>(logits.size()); ++v) sum += std::exp(real(v));
    total += std::log(sum) - real(ids[t + 1]);
  }
  return total;
}

double share_right(const Pairs& pairs) {
  const model::LoadedModel loaded = model::load_model_directory(quantized_tales());
  const model::Tokenizer tokenizer(quantized_tales(), loaded.config());
  backends::RefDevice device(*loaded.integer());
  int right = 0;
  for (const auto& [good, bad] : pairs)
    right += decoded(device, tokenizer.encode(good, true)) < decoded(device, tokenizer.encode(bad, true));
  return right / static_cast<double>(pairs.size());
}

/// What `command` prints in a shell.
std::string shell(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[256];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  ::pclose(pipe);
  return text;
}

/// Without what depends on the machine.
json answers(json object) {
  for (const char* name : {"seconds", "sentences_per_minute", "threads", "device", "command"}) object.erase(name);
  return object;
}

}  // namespace

TEST_CASE("accuracy on minimal pairs is that of decoding token by token") {
  const Set set;
  const json object = run_json(set.arguments(quantized_tales().string()));
  REQUIRE(object["paradigms"].size() == 3);
  const std::map<std::string, Pairs> expected = {
      {"order", kOrder}, {"other", kOther}, {"extra", {kOrder[0], kOrder[2], kOther[0]}}};
  double sum = 0;
  for (const json& row : object["paradigms"]) {
    const Pairs& pairs = expected.at(row["name"].get<std::string>());
    INFO(row.dump());
    CHECK(row["pairs"] == pairs.size());
    const double p = share_right(pairs);
    CHECK(row["accuracy"].get<double>() == Approx(p));
    CHECK(row["stderr"].get<double>() == Approx(std::sqrt(p * (1 - p) / (static_cast<double>(pairs.size()) - 1))));
    CHECK(row["ties"] == (row["name"] == "other" ? 1 : 0));
    CHECK(row["set"] == (row["name"] == "extra" ? "supplement" : "blimp"));
    sum += p;
  }
  const double order = share_right(kOrder), other = share_right(kOther);
  CHECK(order == 1.0);  // a trained model knows as much
  CHECK(object["accuracy"].get<double>() == Approx((order + other) / 2));
  CHECK(object["accuracy_with_supplement"].get<double>() == Approx(sum / 3));
  CHECK(object["pairs"] == 6);
  CHECK(object["sentences"] == 18);
  CHECK(object["eight_bit_share"].get<double>() == Approx(0.5).margin(0.15));
  for (const json& row : object["groups"]) {
    if (row["name"] == "syntax") CHECK(row["accuracy"].get<double>() == Approx((order + other) / 2));
    if (row["name"] == "word_order") CHECK(row["pairs"] == 4);
  }
  CHECK(object["groups"].size() == 2 + 1 + 2);  // sets, fields, terms
}

TEST_CASE("every device and number of threads gives the same answers") {
  const Set set;
  const std::string model = quantized_tales().string();
  const json cpu = run_json(set.arguments(model));
  CHECK(cpu["device"] == "cpu");
  const json ref = run_json(set.arguments(model, {"--device", "ref"}));
  CHECK(ref["device"] == "ref");
  CHECK(answers(ref) == answers(cpu));
  CHECK(answers(run_json(set.arguments(model, {"--threads", "3"}))) == answers(cpu));
  CHECK(answers(run_json(set.arguments(model, {"--kernel", "scalar", "--threads", "2"}))) == answers(cpu));
}

TEST_CASE("the data's hash is that of sha256sum's lines, wherever the files lie") {
  const Set set;
  const std::string model = quantized_tales().string();
  const json object = run_json(set.arguments(model));
  const std::string files = shell_quoted((set.blimp() / "data").string());
  const std::string expected = shell("cd " + files + " && sha256sum order.jsonl other.jsonl | sha256sum");
  if (expected.size() < 64) return;  // no sha256sum here
  CHECK(object["dataset_sha256"] == expected.substr(0, 64));
  CHECK(object["supplement_sha256"] != object["dataset_sha256"]);
  const json inner = run_json({"eval", "--model", model, "--blimp", (set.blimp() / "data").string()});
  CHECK(inner["dataset_sha256"] == object["dataset_sha256"]);
  CHECK(inner["accuracy"] == object["accuracy"]);
  CHECK_FALSE(inner.contains("accuracy_with_supplement"));
}

TEST_CASE("fewer pairs are the first ones, and floating-point directories answer too") {
  const Set set;
  const json two =
      run_json({"eval", "--model", quantized_tales().string(), "--blimp", set.blimp().string(), "--max-pairs", "1"});
  CHECK(two["pairs"] == 2);
  CHECK(two["stderr"].is_null());
  CHECK(two["max_pairs"] == 1);
  const json real = run_json(set.arguments((tales() / "fp32").string(), {"--threads", "2"}));
  CHECK(real["activations"] == "float");
  CHECK(real["paradigms"][0]["accuracy"] == 1.0);
  CHECK(real["pairs"] == 6);
}

TEST_CASE("flags of the other protocol and bad pairs are refused") {
  const Set set;
  const std::string model = quantized_tales().string(), pairs = set.blimp().string();
  const std::string text = (tales() / "valid.txt").string();
  check_fails({"eval", "--model", model}, 2, "give either --text FILE");
  check_fails({"eval", "--model", model, "--text", text, "--blimp", pairs}, 2, "give either --text FILE");
  check_fails({"eval", "--model", model, "--blimp", pairs, "--window", "64"}, 2, "--window goes with --text");
  check_fails({"eval", "--model", model, "--blimp", pairs, "--max-windows", "64"}, 2, "--max-windows goes with --text");
  check_fails({"eval", "--model", model, "--text", text, "--max-pairs", "1"}, 2, "--max-pairs goes with --blimp");
  check_fails({"eval", "--model", model, "--text", text, "--supplement", pairs}, 2, "--supplement goes with --blimp");
  check_fails({"eval", "--model", (tales() / "fp32").string(), "--blimp", pairs, "--device", "ref"}, 2, "only the cpu runs");
  check_fails({"eval", "--model", model, "--blimp", (set.directory.path() / "none").string()}, 3, "none");
  check_fails({"eval", "--model", model, "--blimp", tales().string()}, 3, "found none");
  write_bytes(set.blimp() / "data" / "order.jsonl", "{\"sentence_good\": \"a\", \"sentence_bad\": 7}\n");
  check_fails({"eval", "--model", model, "--blimp", pairs}, 3, "order.jsonl: line 1: field 'sentence_bad': expected a string");
  std::string endless;
  for (int i = 0; i < 400; ++i) endless += "king ";
  write_pairs(set.blimp() / "data" / "order.jsonl", {kOrder[0], {"Short.", endless}}, "word_order");
  check_fails({"eval", "--model", model, "--blimp", pairs}, 3,
              "order.jsonl: line 2: field 'sentence_bad': expected at most 256 tokens (the model's positions), found ");
}

TEST_CASE("a hundred pairs of every paradigm of BLiMP have the same answers on cpu and ref", "[.nightly]") {
  const fs::path blimp = shared_data("data/blimp");
  if (blimp.empty()) return;
  const std::vector<std::string> arguments = {
      "eval", "--model", quantized_tales().string(), "--blimp", blimp.string(), "--max-pairs", "100", "--threads",
      "2",    "--device"};
  const auto on = [&](const std::string& device) {
    std::vector<std::string> all = arguments;
    all.push_back(device);
    return run_json(all);
  };
  const json cpu = on("cpu");
  CHECK(cpu["paradigms"].size() == 67);
  CHECK(cpu["pairs"] == 6700);
  CHECK(answers(on("ref")) == answers(cpu));
}
