// SPDX-License-Identifier: Apache-2.0
// The library's options for opening a device.
#pragma once

#include "host/devices/open_device.hpp"
#include "host/squat/engine.hpp"

namespace squat::api {

/// Throws a usage_error for a value out of its range and for an option that the device does not read.
devices::DeviceOptions device_options(const EngineOptions& options);

/// The same for GenerateOptions.
void check(const GenerateOptions& options);

}  // namespace squat::api
