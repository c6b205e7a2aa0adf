// SPDX-License-Identifier: Apache-2.0
#include "qat/ranks/ranks.hpp"

#include <cstdlib>

#include "host/model/error.hpp"
#include "qat/ranks/mpi_ranks.hpp"

namespace squat::qat {
namespace {

/// How many processes a launcher says it started; 1 without a launcher.
int launched() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    if (const char* value = std::getenv(name)) return std::atoi(value);
  }
  return 1;
}

}  // namespace

void Ranks::start_sum(float*, std::size_t) {}
void Ranks::sum(double*, std::size_t) {}

std::unique_ptr<Ranks> open_ranks() {
  if (launched() <= 1) return std::make_unique<Ranks>();
#ifdef SQUAT_HAVE_MPI
  std::unique_ptr<Ranks> ranks = open_mpi_ranks();
  if (ranks->size() != launched()) {
    throw Error(ExitCode::kDeviceUnavailable, "started as one of " + std::to_string(launched()) +
                                                  " processes, of which MPI sees " + std::to_string(ranks->size()) +
                                                  "; start them with mpirun, or with srun --mpi=pmix");
  }
  return ranks;
#else
  throw Error(ExitCode::kDeviceUnavailable,
              "started as one of " + std::to_string(launched()) +
                  " processes, but this build has no MPI; install libopenmpi-dev and build again, or start a single process");
#endif
}

std::string mpi_version() {
#ifdef SQUAT_HAVE_MPI
  return mpi_library_version();
#else
  return {};
#endif
}

}  // namespace squat::qat
