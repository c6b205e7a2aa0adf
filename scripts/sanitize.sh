#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds under AddressSanitizer and UndefinedBehaviorSanitizer and runs the tests there.
# "sanitize.sh thread" does the driver's tests under ThreadSanitizer instead.
# Verilated models are generated code and stay uninstrumented; tests that little but simulate or compute for minutes ("slow") and
# tests of scripts and other programs ("tools") are left to test.sh.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_packages "${packages[@]}"
if [[ ${1:-} == thread ]]; then
  build thread driver_faults_test driver_fake_script_test driver_overhead_bench emulation_vector_add_test test_transport
  run_tests thread -R '^(driver_|emulation_vector_add_test|test_transport)'
  say "the driver's tests passed under ThreadSanitizer"
  exit
fi
build sanitize
run_tests sanitize -LE 'nightly|slow|tools'
say "all tests passed under the sanitizers"
