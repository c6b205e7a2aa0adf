// SPDX-License-Identifier: Apache-2.0
// A task for squat finetune that no constant answer solves: which of two words occurs in a text.
#pragma once

#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "tests/host/cli/cli_run.hpp"

namespace squat::test {

struct Labelled {
  std::string text, kind;
};

/// Six to ten words, one of them "gold" (class yes, three of five) or "water" (class no).
inline std::vector<Labelled> word_task(int count, unsigned seed) {
  const std::vector<std::string> words = {"the", "King", "went", "to",  "house", "and",     "saw",
                                          "a",   "man",  "who",  "had", "his",   "daughter"};
  std::mt19937 random(seed);
  std::vector<Labelled> found;
  for (int i = 0; i < count; ++i) {
    const bool gold = random() % 5 < 3;
    const std::size_t length = 6 + random() % 5, place = random() % length;
    std::string text;
    for (std::size_t w = 0; w < length; ++w) {
      text += (w == 0 ? "" : " ") + (w == place ? std::string(gold ? "gold" : "water") : words[random() % words.size()]);
    }
    found.push_back({text, gold ? "yes" : "no"});
  }
  return found;
}

inline std::string tab_separated(const std::vector<Labelled>& examples) {
  std::string text = "number\tkind\tsentence\n";
  for (const Labelled& e : examples) text += "7\t" + e.kind + "\t" + e.text + "\n";
  return text;
}

inline std::string json_lines(const std::vector<Labelled>& examples) {
  std::string text;
  for (const Labelled& e : examples)
    text += nlohmann::json({{"sentence", e.text}, {"kind", e.kind == "yes" ? 1 : 0}}).dump() + "\n";
  return text;
}

/// The task as files, and the commands on it.
struct Files {
  Files() {
    write_bytes(train(), tab_separated(word_task(480, 1)));
    write_bytes(valid(), tab_separated(word_task(200, 2)));
  }
  std::filesystem::path train() const { return directory.path() / "train.tsv"; }
  std::filesystem::path valid() const { return directory.path() / "valid.tsv"; }
  std::filesystem::path at(const std::string& name) const { return directory.path() / name; }
  std::vector<std::string> finetune(const std::string& out, const std::vector<std::string>& more) const {
    std::vector<std::string> all = {"finetune",       "--model",        (tales() / "fp32").string(),
                                    "--task",         train().string(), "--valid",
                                    valid().string(), "--layout",       "{sentence}",
                                    "--label",        "kind",           "--out",
                                    at(out).string(), "--lr",           "1e-3"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<std::string> eval(const std::string& model, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"eval", "--model", at(model).string(), "--task", valid().string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  TemporaryDirectory directory;
};

}  // namespace squat::test
