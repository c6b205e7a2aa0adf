// SPDX-License-Identifier: Apache-2.0
// The processes that train one model together, each on its own sequences (data parallelism). Sums are formed in the order of
// the ranks whatever the network does, so a run ends with the same bits every time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace squat::qat {

/// This class is the single process; several are in mpi_ranks.cpp. Every rank makes the same calls in the same order.
/// Waiting for other ranks sleeps instead of spinning and ends after 30 minutes with Error kDeviceFailed.
class Ranks {
 public:
  Ranks() = default;
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;
  virtual ~Ranks() = default;

  virtual int rank() const { return 0; }
  virtual int size() const { return 1; }

  /// Begins to replace values by their sums over the ranks and returns at once; the values must stay untouched until
  /// finish_sums.
  virtual void start_sum(float* values, std::size_t count);
  /// Returns when all started sums are done.
  virtual void finish_sums() {}
  /// Replaces values by their sums. No other sum may be open.
  virtual void sum(double* values, std::size_t count);
  /// Returns when every rank has called it.
  virtual void wait_for_all() {}
  /// Ends all ranks; the single process is left alone.
  virtual void abort(int /*exit_code*/) {}

  /// Seconds that sums of float took, and of these the seconds that finish_sums waited: the rest was hidden behind computing.
  virtual double exchange_seconds() const { return 0; }
  virtual double waited_seconds() const { return 0; }
};

/// The ranks that mpirun or srun started, or the single process. `root`: the folder with lib/libsquat_mpi.so. Throws
/// kDeviceUnavailable when several were started and it is not there: each of them would do the whole work.
std::unique_ptr<Ranks> open_ranks(const std::string& root);

/// Name and version of the MPI library; empty without MPI. Throws kDeviceUnavailable when it cannot be loaded.
std::string mpi_version(const std::string& root);

}  // namespace squat::qat
