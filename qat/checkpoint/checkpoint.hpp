// SPDX-License-Identifier: Apache-2.0
// The whole state of a training run on disk, so that a run that is killed continues with the same bits.
//
// DIR/step-000001200/state.safetensors: "value.NAME", "first_moment.NAME", "second_moment.NAME" (F32), everything else as JSON
// in the metadata. DIR/step-000001200/complete: size and CRC-32 of that file; written last, so a directory without it, or
// whose file differs from it, is no checkpoint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "qat/model/parameter_set.hpp"
#include "qat/optim/adamw.hpp"

namespace squat::qat {

/// What a checkpoint holds besides parameters and moments.
struct RunState {
  std::int64_t step = 0;                            ///< steps done
  std::uint64_t batches = 0;                        ///< position in the data: batches drawn
  std::uint64_t seed = 0;                           ///< of the data order: together with `batches` the state of all randomness
  std::string configuration;                        ///< everything that must not change between runs: a JSON object
  nlohmann::json extra = nlohmann::json::object();  ///< the caller's own
};

/// Puts the values that a checkpoint directory holds into the parameters of the same names; see read_state_values. Throws
/// input_error for a damaged or foreign one.
void load_values(const std::filesystem::path& checkpoint, ParameterSet& parameters);

class CheckpointStore {
 public:
  /// Keeps the newest `keep` checkpoints in `directory`, which is created. Removes what an interrupted save left behind.
  CheckpointStore(std::filesystem::path directory, int keep = 3);

  /// Writes and syncs a checkpoint unless a good one of this step exists, then removes the oldest. Throws input_error when it
  /// cannot be written; older checkpoints are then untouched.
  void save(const ParameterSet& parameters, const AdamW& optimiser, const RunState& state);

  /// Loads the newest good checkpoint; false when there is none at all. Damaged newer ones are reported through `warn` and
  /// removed. `state` must come with the configuration of this run.
  /// Throws input_error when every one is damaged, or when the newest good one is of another model or configuration.
  bool load_latest(ParameterSet& parameters, AdamW& optimiser, RunState& state,
                   const std::function<void(const std::string&)>& warn);

  /// Steps of the complete-looking checkpoints, newest first. Throws input_error when the directory cannot be read: a run must
  /// not start anew because of that.
  std::vector<std::int64_t> steps() const;
  std::filesystem::path path_of(std::int64_t step) const;

 private:
  std::filesystem::path directory_;
  int keep_;
};

}  // namespace squat::qat
