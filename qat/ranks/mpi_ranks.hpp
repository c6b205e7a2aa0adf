// SPDX-License-Identifier: Apache-2.0
// Ranks over MPI; only in builds that found it.
#pragma once

#include <memory>
#include <string>

#include "qat/ranks/ranks.hpp"

namespace squat::qat {

std::unique_ptr<Ranks> open_mpi_ranks();
std::string mpi_library_version();

}  // namespace squat::qat
