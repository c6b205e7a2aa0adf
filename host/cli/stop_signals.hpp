// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM while an accelerator works: the run is aborted and the device given back before the program ends.
#pragma once

namespace squat::cli {

/// From now on the first SIGINT or SIGTERM during a call of a device only sets stop_signal(); at any other time, and the second
/// time, the process ends at once as it would without this. Signals that are ignored stay so. May be called again.
void watch_stop_signals();

/// The signal that asked the program to stop, 0 when none did.
int stop_signal();

}  // namespace squat::cli
