// SPDX-License-Identifier: Apache-2.0
#include "qat/loss/loss_presets.hpp"

#include "host/model/error.hpp"

namespace squat::qat {

LossOptions loss_preset(const std::string& name) {
  LossOptions o;
  if (name == "corrected") return o;
  o.entropy_weight = 0.5;
  o.distribution_weight = 1.0;
  if (name == "paper") {
    o.distribution_form = DistributionForm::kPaperPlusLog;
  } else if (name == "published") {
    o.kl_reduction = KlReduction::kBatchMean;
    o.entropy_form = EntropyForm::kPublished;
    o.distribution_form = DistributionForm::kPublishedRaw;
  } else {
    throw usage_error("loss preset '" + name + "': expected corrected, paper or published");
  }
  return o;
}

}  // namespace squat::qat
