// SPDX-License-Identifier: Apache-2.0
// Which build this is and on what it runs: part of every result that holds a time.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

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

}  // namespace squat::cli
