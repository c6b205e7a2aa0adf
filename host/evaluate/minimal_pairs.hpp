// SPDX-License-Identifier: Apache-2.0
// Minimal pairs in BLiMP's JSON-lines (Warstadt et al., arXiv 1912.00582), one paradigm per file, from files nobody vouches
// for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace squat::evaluate {

struct MinimalPair {
  std::string good, bad;
  int line = 0;  ///< in its file, from 1
};

struct Paradigm {
  std::string file;                     ///< as messages name it
  std::string name;                     ///< path below the files' common directory, without .jsonl
  std::string field, linguistics_term;  ///< BLiMP's groups; empty where the file has none
  std::vector<MinimalPair> pairs;
};

struct PairFiles {
  std::filesystem::path directory;           ///< the deepest one that holds all files
  std::vector<std::filesystem::path> names;  ///< relative to it, in the order of their bytes
};

/// Every *.jsonl below a directory, or the one file that `set` is. Throws input_error when there is none.
PairFiles pair_files(const std::filesystem::path& set);

/// The first `max_pairs` pairs (negative: all) of a file's text. Each non-empty line is an object with the strings
/// sentence_good and sentence_bad; field and linguistics_term may be missing and are the same in all lines; anything else is
/// ignored. Throws input_error that names file, line and field, and for a text without pairs.
Paradigm parse_pairs(const std::string& text, const std::string& file, const std::string& name, int max_pairs = -1);

}  // namespace squat::evaluate
