// SPDX-License-Identifier: Apache-2.0
// Valid inputs of every target, made by the project's own writers: small, so that a mutation hits something.
#pragma once

#include <string>
#include <vector>

namespace squat::fuzz::seeds {

std::vector<std::string> safetensors();
std::vector<std::string> config();
std::vector<std::string> tokenizer_json();
std::vector<std::string> sentencepiece();
std::vector<std::string> integer_model();
std::vector<std::string> text();
std::vector<std::string> token_file();
std::vector<std::string> checkpoint();
std::vector<std::string> task_examples();
std::vector<std::string> task_json();
std::vector<std::string> xclbin();
std::vector<std::string> command_line();

}  // namespace squat::fuzz::seeds
