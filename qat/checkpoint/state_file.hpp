// SPDX-License-Identifier: Apache-2.0
// One checkpoint's safetensors file, streamed from and to the buffers of the run: no second copy in memory.
#pragma once

#include <cstdint>
#include <filesystem>

#include "qat/checkpoint/checkpoint.hpp"

namespace squat::qat {

/// What the marker says about the file.
struct FileSeal {
  std::uint64_t bytes = 0;
  std::uint32_t crc = 0;
};

FileSeal write_state_file(const std::filesystem::path& path, const ParameterSet& parameters, const AdamW& optimiser,
                          const RunState& state);

/// Checks size and CRC-32 of the whole file. Throws input_error when they differ from the seal.
void verify_state_file(const std::filesystem::path& path, const FileSeal& seal);

/// Reads a verified file. Throws input_error when names or shapes differ from `parameters`.
void read_state_file(const std::filesystem::path& path, ParameterSet& parameters, AdamW& optimiser, RunState& state);

}  // namespace squat::qat
