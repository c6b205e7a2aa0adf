// SPDX-License-Identifier: Apache-2.0
// Small random models on disk, and what the golden model says about them.
#pragma once

#include <functional>
#include <squat/engine.hpp>
#include <squat/error.hpp>
#include <squat/model.hpp>
#include <string>
#include <vector>

#include "host/backends/ref/ref_device.hpp"
#include "host/model/model_directory.hpp"
#include "tests/host/support.hpp"
#include "tests/support/random_model.hpp"

namespace squat::test {

/// A model in memory and as a directory.
class Fixture {
 public:
  explicit Fixture(const RandomModelSpec& spec = {}) : Fixture(random_model(spec)) {}
  explicit Fixture(model::IntegerModel m, const std::filesystem::path& vocabulary_of = {}) : integers(std::move(m)) {
    model::write_model_directory(integers, path(), vocabulary_of);
  }
  std::filesystem::path path() const { return directory_.path() / "model"; }
  Model open() const { return Model::open(path()); }

  model::IntegerModel integers;

 private:
  TemporaryDirectory directory_;
};

/// (vocabulary): of the last of `ids` behind position 0.
inline std::vector<std::int32_t> golden_logits(const model::IntegerModel& m, const std::vector<int>& ids) {
  backends::RefDevice ref(m);
  std::vector<std::int32_t> logits;
  for (const int id : ids) logits = ref.run({id}, engine::RowRange::kLast).logits;
  return logits;
}

/// The likeliest tokens after `ids`, by comparing one logit after the other; of equal ones the first.
inline std::vector<int> golden_continuation(const model::IntegerModel& m, std::vector<int> ids, int tokens) {
  std::vector<int> made;
  while (static_cast<int>(made.size()) < tokens) {
    const std::vector<std::int32_t> logits = golden_logits(m, ids);
    int best = 0;
    for (std::size_t i = 1; i < logits.size(); ++i) {
      if (logits[i] > logits[static_cast<std::size_t>(best)]) best = static_cast<int>(i);
    }
    made.push_back(best);
    ids.push_back(best);
  }
  return made;
}

/// The action throws an Error of this kind, whose text contains `text`.
inline void check_error(ExitCode code, const std::string& text, const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    INFO(error.what());
    CHECK(error.code() == code);
    CHECK(std::string(error.what()).find(text) != std::string::npos);
    return;
  }
  FAIL("expected an Error with " << text);
}

}  // namespace squat::test
