// SPDX-License-Identifier: Apache-2.0
#include "host/cli/open_model.hpp"

#include <CLI/CLI.hpp>

#include "host/model/error.hpp"

namespace squat::cli {

CLI::Option* add_model_option(CLI::App& command, std::string& directory, const std::string& what) {
  return command.add_option("--model", directory, what)->type_name("DIR")->required();
}

void refuse_float_model(const std::string& directory, const CommonOptions& common) {
  if (common.device == "cpu") return;
  throw usage_error(directory + " holds a floating-point model, which only the cpu runs; quantise it for --device " +
                    common.device);
}

}  // namespace squat::cli
