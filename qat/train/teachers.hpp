// SPDX-License-Identifier: Apache-2.0
// The models a student learns from.
#pragma once

#include <memory>
#include <vector>

#include "qat/model/language_model.hpp"

namespace squat::qat {

class Teachers {
 public:
  /// Frees the teacher's gradients. Throws usage_error when its vocabulary differs from that of the first one, or for a weight
  /// that is not positive.
  void add(std::unique_ptr<LanguageModel> teacher, double weight = 1.0);
  bool empty() const { return models_.empty(); }
  void set_threads(int threads);

  /// Runs every teacher over the batch, keeping what the losses need. Valid until the next call; nullptr without teachers.
  const TeacherSignals* run(const Batch& batch, const LossOptions& losses);

 private:
  std::vector<std::unique_ptr<LanguageModel>> models_;
  std::vector<ModelOutputs> outputs_;
  TeacherSignals signals_;
};

}  // namespace squat::qat
