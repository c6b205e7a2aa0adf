// SPDX-License-Identifier: Apache-2.0
// What runs many independent sequences: a device, or a floating-point model, for each thread.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/cli/command.hpp"
#include "host/cli/devices.hpp"
#include "host/engine/sequence.hpp"
#include "host/evaluate/perplexity.hpp"
#include "host/model/model_directory.hpp"
#include "host/reference_float/float_reference.hpp"

namespace squat::cli {

/// Devices are cheap beside the sequences: a thread with a device of its own never waits for another.
struct SequenceRunners {
  std::deque<OpenDevice> devices;
  std::deque<reference::FloatReference> references;
  std::deque<std::vector<std::int32_t>> logits;
  std::deque<engine::EightBitShare> shares;
  std::vector<evaluate::LogitsFunction> workers;  ///< each for one thread
  int longest = 0;                                ///< tokens of a sequence
  std::string what;                               ///< what limits them
};

/// As many as --threads on cpu and ref, else one. `rows`: whether the views hold all positions or the last one. The model must
/// outlive the runners.
void open_runners(const model::LoadedModel& loaded, CommonOptions common, engine::RowRange rows, SequenceRunners& runners);

/// Adds weight_bits, activations, eight_bit_share, device and what add_accelerator knows.
void add_runners(nlohmann::ordered_json& object, const model::LoadedModel& loaded, const SequenceRunners& runners);

}  // namespace squat::cli
