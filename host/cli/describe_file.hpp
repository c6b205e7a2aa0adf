// SPDX-License-Identifier: Apache-2.0
// What squat inspect says of everything but models: vocabularies, checkpoints, training logs, results and traces.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace squat::cli {

/// An object "squat.inspect/1" with "file" and "kind":
/// "vocabulary" (tokenizer.json, *.model): its form and number of pieces;
/// "checkpoint" (a directory of squat train and qat): step, seed, parameters; size and CRC-32 are checked;
/// "run" (the directory of a run, or its log.jsonl): steps, losses, perplexities, checkpoints;
/// "result" (an object that squat printed with --format json): its schema and tables; of a profile ("trace") per device and
/// phase the cycles, the share in which each unit was busy, and the stalls of the first pass.
/// Throws input_error for a file that is none of these, or damaged.
nlohmann::ordered_json describe_file(const std::filesystem::path& path);

}  // namespace squat::cli
