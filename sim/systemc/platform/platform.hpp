// SPDX-License-Identifier: Apache-2.0
// The example platform: a processor, the accelerator and a memory, wired with TLM-2.0 sockets.
//
//   processor --registers--> SquatSc --memory--> memory <--memory-- processor
//       ^--------interrupt------'
#pragma once

#include <utility>

#include "sim/systemc/platform/memory.hpp"
#include "sim/systemc/platform/processor.hpp"
#include "sim/systemc/squat_sc.hpp"

namespace squat::sim {

struct Platform {
  static constexpr std::uint64_t kBase = 0x800000000ULL, kBytes = 2ULL << 30;

  /// clock_period of the accelerator; the platform has no other clock.
  Platform(sc_core::sc_time clock_period, const SimulationOptions& options, PlatformProcessor::Program program)
      : processor("processor", kBase, kBytes, std::move(program)),
        accelerator("accelerator", clock_period, options),
        memory("memory", kBase, kBytes) {
    processor.registers.bind(accelerator.registers);
    processor.memory.bind(memory.processor);
    accelerator.memory.bind(memory.accelerator);
    processor.interrupt(interrupt);
    accelerator.interrupt(interrupt);
  }

  sc_core::sc_signal<bool> interrupt{"interrupt"};
  PlatformProcessor processor;
  SquatSc accelerator;
  PlatformMemory memory;
};

}  // namespace squat::sim
