// SPDX-License-Identifier: Apache-2.0
// Which build this is and on what it runs: part of every result that holds a time.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace squat::cli {

/// "squat 0.1.0 (commit)".
std::string version_text();
/// The compiler with its version, and the build type.
std::string compiler_text();
/// 16 hexadecimal digits: the hardware description this program was built for.
std::string spec_hash_text();
/// The processor's own name, or the architecture when it has none.
std::string cpu_name();

/// cpu, cores, os, compiler, build, commit, spec_hash, threads.
nlohmann::ordered_json environment(int threads);

/// A command and its arguments as one line for a POSIX shell.
std::string shell_line(const std::string& command, const std::vector<std::string>& arguments);

}  // namespace squat::cli
