// SPDX-License-Identifier: Apache-2.0
// What a library behind XRT's HAL decides besides its device: how many devices there are, and which calls fail.
#pragma once

#include <cstddef>
#include <cstdint>

namespace squat::sim {

enum class HalCall { kOpen, kLoad, kContext, kAllocate, kMap, kUpload, kDownload, kStart, kRegister, kAbort };

/// Devices that XRT finds.
unsigned device_count();

/// Before a call is carried out: 0 to go on, or a negative errno value that the call returns instead. May take its time.
int before_call(unsigned device, HalCall call);

/// How many of the bytes asked for an allocation gets, after before_call() let it through.
std::size_t granted_bytes(unsigned device, std::size_t bytes);

/// After bytes moved: the copy in device memory (kUpload) or in host memory (kDownload), for libraries that damage it.
void after_copy(unsigned device, HalCall call, std::uint8_t* bytes, std::size_t count);

}  // namespace squat::sim
