// SPDX-License-Identifier: Apache-2.0
// The two C symbols of libsquat_xrt.so. XRT is loaded only with it, so the host program runs without XRT installed.
#pragma once

#include "host/backends/xrt/transport_options.hpp"

namespace squat::backends {

/// Raised whenever Transport, DeviceBuffer or TransportOptions change their layout.
constexpr int kPluginInterface = 4;

using PluginInterfaceFunction = int();
/// Opens the device; the caller owns the result. Throws squat::Error.
using PluginOpenFunction = Transport*(const TransportOptions&, TransportKind);

constexpr const char* kPluginInterfaceSymbol = "squat_xrt_plugin_interface";
constexpr const char* kPluginOpenSymbol = "squat_xrt_plugin_open";
constexpr const char* kPluginFile = "libsquat_xrt.so";

}  // namespace squat::backends
