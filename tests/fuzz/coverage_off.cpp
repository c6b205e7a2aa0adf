// SPDX-License-Identifier: Apache-2.0
// What the calls of -fsanitize-coverage do in programs other than the fuzzer: nothing. Those that AddressSanitizer's library
// has are left to it. Comparisons of floating-point numbers are of no use to libFuzzer either.
extern "C" {
__attribute__((weak)) void __sanitizer_cov_trace_pc() {}
__attribute__((weak)) void __sanitizer_cov_trace_cmpf(float, float) {}
__attribute__((weak)) void __sanitizer_cov_trace_cmpd(double, double) {}
}
