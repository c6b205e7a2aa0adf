// SPDX-License-Identifier: Apache-2.0
// What bench and compare have in common: which shape, how many tokens, which devices, and what surrounds the rows.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/cli/cli11_fwd.hpp"
#include "host/cli/command.hpp"
#include "host/cli/measure.hpp"

namespace squat::cli {

struct BenchOptions {
  std::string model, shape;
  std::vector<std::string> devices;
  MeasureOptions measure;
};

/// extra: devices that one command takes beside those of both.
void add_bench_options(CLI::App& command, BenchOptions& options, const std::vector<std::string>& extra = {});

/// The shape that compare runs: of the directory's config.json or the named one; tiny when there is neither.
model::ModelConfig config_of(const BenchOptions& options);

/// Throws usage_error when tokens and context do not fit the model, or the device.
void check_bench_options(const BenchOptions& options, const model::ModelConfig& config);
void check_bench_options(const BenchOptions& options, const engine::Device& device);

/// {"schema", "definition", "results", "environment"}. accelerator: what add_accelerator says of the devices.
nlohmann::ordered_json bench_object(const std::string& schema, nlohmann::ordered_json results, const CommonOptions& common,
                                    const nlohmann::ordered_json& accelerator);

/// For csv, which shows one table: every row but published ones gets the environment as columns "environment.NAME". Other
/// formats keep the object as it is.
nlohmann::ordered_json with_environment_columns(nlohmann::ordered_json object, Format format);

}  // namespace squat::cli
