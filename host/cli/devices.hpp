// SPDX-License-Identifier: Apache-2.0
// The devices that the command line asks for.
#pragma once

#include <string>
#include <vector>

#include "host/cli/command.hpp"
#include "host/devices/open_device.hpp"

namespace squat::cli {

using devices::OpenDevice;

/// Adds "transport", "config", "accelerator" and "ddr" of a simulated or real accelerator to a result; nothing for other
/// devices.
void add_accelerator(nlohmann::ordered_json& object, const OpenDevice& opened);

/// devices::options_for() of the flags.
CommonOptions options_for(CommonOptions common, const std::vector<std::string>& names);

/// Opens --device `name` (host/devices/open_device.hpp) with the flags; an accelerator shows its progress and ends its work
/// when a signal asks for it. The model must outlive the device. Throws a usage_error for several --devices.
/// begun: of begin_opening with the same flags.
OpenDevice open_device(const std::string& name, const model::IntegerModel& m, const CommonOptions& common,
                       devices::Opening begun = {});

/// devices::begin_opening() of --device with the flags.
devices::Opening begin_opening(const CommonOptions& common);

/// The same for each of --devices; one device of those names that have no numbers.
std::vector<OpenDevice> open_devices(const std::string& name, const model::IntegerModel& m, const CommonOptions& common);

}  // namespace squat::cli
