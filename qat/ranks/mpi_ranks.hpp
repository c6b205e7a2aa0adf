// SPDX-License-Identifier: Apache-2.0
// What libsquat_mpi.so has for the program. MPI is loaded only with it, and only by training that several processes do: its
// libraries take longer to load than the rest of squat.
#pragma once

#include "qat/ranks/ranks.hpp"

namespace squat::qat {

/// Raised whenever Ranks or this changes its layout.
constexpr int kMpiInterface = 1;
constexpr const char* kMpiFile = "libsquat_mpi.so";
constexpr const char* kMpiSymbol = "squat_mpi_plugin";

struct MpiPlugin {
  int interface;
  Ranks* (*open)();          ///< the caller owns the result
  const char* (*version)();  ///< name and version of the library
};

}  // namespace squat::qat
