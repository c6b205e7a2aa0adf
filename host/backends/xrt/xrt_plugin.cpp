// SPDX-License-Identifier: Apache-2.0
// The entry points of libsquat_xrt.so.
#include "host/backends/xrt/plugin_interface.hpp"
#include "host/backends/xrt/xrt_transport.hpp"

#define SQUAT_EXPORT extern "C" __attribute__((visibility("default")))

SQUAT_EXPORT int squat_xrt_plugin_interface() { return squat::backends::kPluginInterface; }

SQUAT_EXPORT squat::backends::Transport* squat_xrt_plugin_open(const squat::backends::TransportOptions& options,
                                                               squat::backends::TransportKind kind) {
  return new squat::backends::XrtTransport(options, kind == squat::backends::TransportKind::kSimXrt);
}
