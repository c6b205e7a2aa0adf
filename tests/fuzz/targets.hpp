// SPDX-License-Identifier: Apache-2.0
// What is fuzzed: each target takes bytes that nobody vouches for and gives them to one reader.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace squat::fuzz {

/// Reads `bytes` as a user's file would be read and uses what came out. An input that is refused leaves as squat::Error with
/// exit code 2 or 3 or as CLI::ParseError, both of which run() takes for the right answer; everything else is a finding.
void safetensors(const std::string& bytes);     ///< model.safetensors: header, every tensor
void config(const std::string& bytes);          ///< config.json
void tokenizer_json(const std::string& bytes);  ///< tokenizer.json; encodes and decodes a text
void sentencepiece(const std::string& bytes);   ///< tokenizer.model; encodes and decodes a text
void integer_model(const std::string& bytes);   ///< config.json, a zero byte, model.safetensors; runs a small model
void text(const std::string& bytes);            ///< a text file: lines, UTF-8
void token_file(const std::string& bytes);      ///< token ids on disk
void checkpoint(const std::string& bytes);      ///< state.safetensors behind its checksum
void task_examples(const std::string& bytes);   ///< labelled texts, under the forms of every known task
void task_json(const std::string& bytes);       ///< task.json
void xclbin(const std::string& bytes);          ///< a device program; written and read again
void command_line(const std::string& bytes);    ///< arguments, one per line; parsed, not run

struct Target {
  const char* name;
  void (*use)(const std::string& bytes);
  std::vector<std::string> (*seeds)();  ///< valid inputs to start from
};

/// Every target of this build (checkpoint, text and token_file need the trainer, command_line the command squat).
const std::vector<Target>& targets();

/// True when the target took the bytes, false when it refused them as it should. What is thrown otherwise comes through.
bool run(const Target& target, const std::string& bytes);

}  // namespace squat::fuzz
