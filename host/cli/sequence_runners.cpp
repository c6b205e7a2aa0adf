// SPDX-License-Identifier: Apache-2.0
#include "host/cli/sequence_runners.hpp"

#include <algorithm>

#include "host/cli/window_logits.hpp"
#include "host/engine/pass_rules.hpp"
#include "host/model/width_names.hpp"

namespace squat::cli {

void open_runners(const model::LoadedModel& loaded, CommonOptions common, engine::RowRange rows, SequenceRunners& runners) {
  const int threads = common.device == "cpu" || common.device == "ref" ? common.threads : 1;
  common.threads = 1;
  runners.longest = loaded.config().max_positions;
  runners.what = "the model's positions";
  for (int i = 0; i < threads; ++i) {
    if (const model::FloatModel* real = loaded.real()) {
      runners.workers.push_back(logits_of(runners.references.emplace_back(*real), rows));
      continue;
    }
    const model::IntegerModel& m = *loaded.integer();
    engine::Device& device = *runners.devices.emplace_back(open_device(common.device, m, common)).device;
    runners.workers.push_back(logits_of(device, runners.logits.emplace_back(), runners.shares.emplace_back(), rows));
    if (device.context() < runners.longest) {
      runners.longest = device.context();
      runners.what = "positions of --device " + device.name();
    }
    const int whole = std::min(hls::kMaxChunk, device.longest_whole_pass());
    if (m.widths.activations == model::Activations::kMixed && engine::ranks_whole_pass(m.widths.rule) &&
        whole < runners.longest) {
      runners.longest = whole;
      runners.what = "the width rule " + std::string(model::rule_name(m.widths.rule)) + " ranks a sentence in one pass";
    }
  }
}

void add_runners(nlohmann::ordered_json& object, const model::LoadedModel& loaded, const SequenceRunners& runners) {
  const model::IntegerModel* m = loaded.integer();
  if (m == nullptr) {
    object.update({{"weight_bits", 32}, {"activations", "float"}, {"eight_bit_share", nullptr}, {"device", "cpu"}});
    return;
  }
  engine::EightBitShare share;
  for (const engine::EightBitShare& part : runners.shares) share.add(part);
  object.update({{"weight_bits", m->weight_bits},
                 {"activations", model::activations_name(m->widths.activations)},
                 {"eight_bit_share", share.value()},
                 {"device", runners.devices.front().device->name()}});
  add_accelerator(object, runners.devices.front());
}

}  // namespace squat::cli
