// SPDX-License-Identifier: Apache-2.0
// A run with checkpoints on disk, for tests of what is read from them.
#pragma once

#include "tests/host/support.hpp"
#include "tests/qat/checkpoint/toy_run.hpp"

namespace squat::qat::toy {

/// A store with checkpoints of steps 1, 2, 3, and the runs that the last two hold.
struct Stored {
  test::TemporaryDirectory dir;
  Run second, third;

  Stored() {
    CheckpointStore store(dir.path());
    Run run;
    for (int i = 0; i < 3; ++i) {
      run.step();
      if (i == 1) second = run;
      store.save(run.set, run.adam, run.state);
    }
    third = run;
  }
  /// The files as well, which to save anew would wait for the disk.
  Stored(const Stored& from) : second(from.second), third(from.third) {
    std::filesystem::copy(from.dir.path(), dir.path(), std::filesystem::copy_options::recursive);
  }
  Stored& operator=(const Stored&) = delete;
  std::filesystem::path newest() const { return dir.path() / "step-000000003"; }
};

}  // namespace squat::qat::toy
