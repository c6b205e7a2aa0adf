// SPDX-License-Identifier: Apache-2.0
// A run without a model: gradients are a function of step and values, so any lost or repeated step shows in the bits.
#pragma once

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "qat/checkpoint/checkpoint.hpp"

namespace squat::qat::toy {

inline ParameterSet parameters() {
  ParameterSet set;
  set.add("weights", {50, 40}, ParameterKind::kMatrix);
  set.add("norm", {40}, ParameterKind::kNorm);
  set.add("weights.alpha", {1}, ParameterKind::kScale);
  for (std::size_t i = 0; i < set.size(); ++i) set.values()[i] = 1.0f + static_cast<float>(i % 13) / 16.0f;
  return set;
}

struct Run {
  ParameterSet set = parameters();
  AdamW adam;
  RunState state;

  Run() : adam(set, AdamWOptions()) { state.configuration = "toy"; }
  void step() {
    for (std::size_t i = 0; i < set.size(); ++i) {
      const auto phase = static_cast<float>((static_cast<std::size_t>(state.step) * 7 + i) % 11) - 5.0f;
      set.gradients()[i] = phase * set.values()[i];
    }
    adam.step(set, 0.01, 1.0);
    ++state.step;
    state.batches += 2;
  }
  bool same_as(const Run& other) const {
    const auto equal = [this](const float* a, const float* b) { return std::memcmp(a, b, set.size() * sizeof(float)) == 0; };
    return equal(set.values(), other.set.values()) && equal(adam.first_moments().data(), other.adam.first_moments().data()) &&
           equal(adam.second_moments().data(), other.adam.second_moments().data()) && adam.steps() == other.adam.steps() &&
           state.step == other.state.step && state.batches == other.state.batches;
  }
  bool load(CheckpointStore& store, std::vector<std::string>* warnings = nullptr) {
    return store.load_latest(set, adam, state, [&](const std::string& text) {
      if (warnings != nullptr) warnings->push_back(text);
    });
  }
};

/// Resumes or starts, runs to `last`, saving every `every` steps and at the end.
inline void train(const std::filesystem::path& directory, std::int64_t last, std::int64_t every) {
  CheckpointStore store(directory);
  Run run;
  run.load(store);
  while (run.state.step < last) {
    run.step();
    if (run.state.step % every == 0 || run.state.step == last) store.save(run.set, run.adam, run.state);
  }
}

}  // namespace squat::qat::toy
