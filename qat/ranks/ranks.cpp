// SPDX-License-Identifier: Apache-2.0
#include "qat/ranks/ranks.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

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

std::string plugin_file(const std::string& root) { return root + "/lib/" + kMpiFile; }

/// It stays loaded: MPI's libraries do not survive being unloaded.
const MpiPlugin& load(const std::string& path) {
  // Global, as MPI loads parts of its own that look for its symbols.
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
  const auto* plugin = library == nullptr ? nullptr : static_cast<const MpiPlugin*>(::dlsym(library, kMpiSymbol));
  if (plugin == nullptr || plugin->interface != kMpiInterface) {
    const char* reason = plugin == nullptr ? ::dlerror() : nullptr;
    throw Error(ExitCode::kDeviceUnavailable,
                "cannot load MPI: " + (reason != nullptr ? reason : path + ": of another version of this program") +
                    "; install openmpi-bin and both from one version, or start a single process");
  }
  return *plugin;
}

}  // namespace

void Ranks::start_sum(float*, std::size_t) {}
void Ranks::sum(double*, std::size_t) {}

std::unique_ptr<Ranks> open_ranks(const std::string& root) {
  if (launched() <= 1) return std::make_unique<Ranks>();
  std::error_code ignored;
  if (!std::filesystem::exists(plugin_file(root), ignored)) {
    throw Error(ExitCode::kDeviceUnavailable,
                "started as one of " + std::to_string(launched()) +
                    " processes, but this build has no MPI; install libopenmpi-dev and build again, or start a single process");
  }
  std::unique_ptr<Ranks> ranks(load(plugin_file(root)).open());
  if (ranks->size() != launched()) {
    throw Error(ExitCode::kDeviceUnavailable, "started as one of " + std::to_string(launched()) +
                                                  " processes, of which MPI sees " + std::to_string(ranks->size()) +
                                                  "; start them with mpirun, or with srun --mpi=pmix");
  }
  return ranks;
}

std::string mpi_version(const std::string& root) {
  std::error_code ignored;
  return std::filesystem::exists(plugin_file(root), ignored) ? load(plugin_file(root)).version() : std::string();
}

}  // namespace squat::qat
