// SPDX-License-Identifier: Apache-2.0
// Tells libFuzzer which blocks of code an input reached: a table of counters in a section that it looks into
// (llvm.org/docs/LibFuzzer.html, "extra counters"). The linker sends the calls that -fsanitize-coverage=trace-pc puts at the
// beginning of every block here.
#include <cstddef>
#include <cstdint>

extern "C" {

/// The first address of the program; blocks are numbered from there, so that they keep their counters from run to run.
extern const char __executable_start;

constexpr std::size_t kCounters = std::size_t{1} << 17;  // some more than there are blocks
__attribute__((section("__libfuzzer_extra_counters"))) std::uint8_t squat_fuzz_counters[kCounters];

void __wrap___sanitizer_cov_trace_pc() {
  const auto block =
      reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)) - reinterpret_cast<std::uintptr_t>(&__executable_start);
  ++squat_fuzz_counters[(block * 0x9e3779b97f4a7c15U) >> 47];
}
}
