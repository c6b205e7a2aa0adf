// SPDX-License-Identifier: Apache-2.0
// Helpers of the host tests: files, the development data, expected errors, small model shapes.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>

#include "host/model/error.hpp"
#include "host/model/model_config.hpp"
#include "tests/catch.hpp"
#include "tests/support/temporary_directory.hpp"

namespace squat::test {

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

/// The text of the Error that `action` throws with exit code 3; fails the test when it throws nothing or something else.
inline std::string input_error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    return error.what();
  }
  FAIL("expected an Error");
  return {};
}

#ifdef SQUAT_SHARED_DIR
/// A path in the development data (environment SQUAT_SHARED_DIR, else the configured one); empty, with a message, when absent.
inline std::filesystem::path shared_data(const std::string& relative) {
  const char* directory = std::getenv("SQUAT_SHARED_DIR");
  const std::filesystem::path path = std::filesystem::path(directory ? directory : SQUAT_SHARED_DIR) / relative;
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return path;
  std::cerr << "skipped: " << path << " is not here\n";
  return {};
}
#endif

/// Two layers, grouped keys: small, and every dimension different.
inline model::ModelConfig small_config(bool tied) {
  model::ModelConfig c;
  c.vocab_size = 48;
  c.hidden_size = 32;
  c.intermediate_size = 56;
  c.layers = 2;
  c.heads = 4;
  c.kv_heads = 2;
  c.head_dim = 8;
  c.max_positions = 256;
  c.tied = tied;
  return c;
}

/// A GPT-2 as small, with an MLP that is not four times as wide.
inline model::ModelConfig small_gpt2_config() {
  model::ModelConfig c = small_config(true);
  c.model_type = "gpt2";
  c.kv_heads = 4;
  c.max_positions = 160;
  c.rms_norm_eps = 1e-5;
  return c;
}

}  // namespace squat::test
