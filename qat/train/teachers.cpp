// SPDX-License-Identifier: Apache-2.0
#include "qat/train/teachers.hpp"

#include <utility>

#include "host/model/error.hpp"

namespace squat::qat {

void Teachers::add(std::unique_ptr<LanguageModel> teacher, double weight) {
  if (!(weight > 0)) throw usage_error("a teacher's weight must be positive, not " + std::to_string(weight));
  if (!models_.empty() && teacher->config().vocab_size != models_.front()->config().vocab_size) {
    throw usage_error("teachers with vocabularies of " + std::to_string(models_.front()->config().vocab_size) + " and " +
                      std::to_string(teacher->config().vocab_size) + " pieces; all must share the student's");
  }
  teacher->parameters().drop_gradients();
  models_.push_back(std::move(teacher));
  outputs_.resize(models_.size());
  signals_.weights.push_back(weight);
}

void Teachers::set_threads(int threads) {
  for (const auto& model : models_) model->set_threads(threads);
}

const TeacherSignals* Teachers::run(const Batch& batch, const LossOptions& losses) {
  if (models_.empty()) return nullptr;
  const bool distribution = losses.distribution_weight != 0;
  const bool raw = losses.distribution_form == DistributionForm::kPublishedRaw;
  signals_.teachers.clear();
  for (std::size_t i = 0; i < models_.size(); ++i) {
    // Attention maps are compared with those of the first teacher only.
    const OutputOptions keep{i == 0 && distribution && !raw, i == 0 && distribution && raw};
    models_[i]->forward(batch, keep, outputs_[i]);
    signals_.teachers.push_back(&outputs_[i]);
  }
  return &signals_;
}

}  // namespace squat::qat
