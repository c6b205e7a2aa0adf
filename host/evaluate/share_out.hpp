// SPDX-License-Identifier: Apache-2.0
// Independent pieces of work over threads.
#pragma once

#include <functional>

namespace squat::evaluate {

/// Calls work(index, thread) once for index 0 .. count - 1, in `threads` threads (at least 1; thread 0 is the caller's). Each
/// takes the next index that nobody has. Rethrows the first exception; what has not begun by then is left out.
void share_out(int count, int threads, const std::function<void(int index, int thread)>& work);

}  // namespace squat::evaluate
