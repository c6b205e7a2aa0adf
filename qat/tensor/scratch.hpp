// SPDX-License-Identifier: Apache-2.0
// Memory that products pack their operands into.
#pragma once

#include <cstddef>

namespace squat::qat {

/// At least `floats` floats of the calling thread, on a border of 64 bytes, until its next call. They come with the first call:
/// as thread-local arrays they would be cleared whenever the program starts a thread, whatever it does.
float* scratch(std::size_t floats);

}  // namespace squat::qat
