// SPDX-License-Identifier: Apache-2.0
// squat eval --blimp: accuracy on minimal pairs.
#pragma once

#include <string>

#include "host/cli/command.hpp"

namespace squat::cli {

struct BlimpOptions {
  std::string model;
  std::string blimp, supplement;  ///< directories of *.jsonl; the supplement may be empty
  int max_pairs = -1;             ///< per paradigm; -1 = all
};

/// `common`: for one device, see options_for.
ExitCode eval_blimp(const CommonOptions& common, const BlimpOptions& options);

}  // namespace squat::cli
