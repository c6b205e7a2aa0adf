// SPDX-License-Identifier: Apache-2.0
// Command lines of squat train and squat qat that take about a second, on the shipped texts and model.
#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/host/cli/cli_run.hpp"

namespace squat::test {

inline void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

/// Adds the words of a text with spaces between them.
inline void append_words(std::vector<std::string>& list, const std::string& words) {
  std::istringstream text(words);
  for (std::string word; text >> word;) list.push_back(word);
}

inline std::string tales_file(const char* name) { return (tales() / name).string(); }

/// squat train, to OUT, with a vocabulary of its own; `more` has at least --steps and --batch.
inline std::vector<std::string> tiny_train(const std::filesystem::path& out, const std::string& more) {
  std::vector<std::string> list = {"train", "--data",    tales_file("calibration.txt"), "--valid", tales_file("valid.txt"),
                                   "--out", out.string()};
  append_words(list, "--vocab 300 --hidden 32 --layers 2 --heads 4 --length 32 --max-windows 4 --warmup 2 " + more);
  return list;
}

/// What tiny_train() of a LLaMA needs more.
inline const char* const kTinyLlama = " --kv-heads 2 --ffn 48 ";

/// squat qat of a model, to OUT; `more` has at least --steps, --batch and --warmup.
inline std::vector<std::string> tiny_qat(const std::filesystem::path& model, const std::filesystem::path& out,
                                         const std::string& more) {
  std::vector<std::string> list = {"qat",   "--model",   model.string(), "--data", tales_file("calibration.txt"),
                                   "--out", out.string()};
  append_words(list, "--length 32 " + more);
  return list;
}

}  // namespace squat::test
