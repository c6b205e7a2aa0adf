// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.hpp"

#include "host/model/error.hpp"
#include "tests/fuzz/seeds.hpp"

namespace squat::fuzz {

const std::vector<Target>& targets() {
  static const std::vector<Target> all = {
      {"safetensors", safetensors, seeds::safetensors},
      {"config", config, seeds::config},
      {"tokenizer_json", tokenizer_json, seeds::tokenizer_json},
      {"sentencepiece", sentencepiece, seeds::sentencepiece},
      {"integer_model", integer_model, seeds::integer_model},
#ifdef SQUAT_HAVE_TRAINER
      {"text", text, seeds::text},
      {"token_file", token_file, seeds::token_file},
      {"checkpoint", checkpoint, seeds::checkpoint},
#endif
      {"task_examples", task_examples, seeds::task_examples},
      {"task_json", task_json, seeds::task_json},
      {"xclbin", xclbin, seeds::xclbin},
      {"command_line", command_line, seeds::command_line},
  };
  return all;
}

bool run(const Target& target, const std::string& bytes) {
  try {
    target.use(bytes);
    return true;
  } catch (const Error& error) {
    if (error.code() != ExitCode::kBadInput && error.code() != ExitCode::kUsage) throw;
    return false;
  }
}

}  // namespace squat::fuzz
