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

/// Only the values, of a verified file whose run may have other parameters besides these: a quantised run's file has scales
/// that a plain model lacks. Throws input_error for a parameter that is missing or has another shape.
void read_state_values(const std::filesystem::path& path, ParameterSet& parameters);

}  // namespace squat::qat
