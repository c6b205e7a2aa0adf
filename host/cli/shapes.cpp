// SPDX-License-Identifier: Apache-2.0
#include "host/cli/shapes.hpp"

#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"

namespace squat::cli {

const std::vector<std::string>& shape_names() {
  static const std::vector<std::string> names = {"tiny", "llama-58m", "gpt2-97m"};
  return names;
}

model::ModelConfig named_shape(const std::string& name) {
  if (name == "gpt2-97m") {
    throw Error(ExitCode::kDeviceUnavailable, "--shape gpt2-97m: GPT-2 models are not supported yet; use llama-58m or tiny");
  }
  return quantize::shape_config(name);
}

}  // namespace squat::cli
