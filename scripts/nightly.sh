#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The checks that take too long for every change: everything with the label "nightly".
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_packages "${packages[@]}" libopenmpi-dev openmpi-bin g++-aarch64-linux-gnu qemu-user chromium llvm-19 llvm-22
  libgemmlowp-dev lcov
build release
run_tests release -L nightly
step "the driver under ThreadSanitizer" scripts/sanitize.sh thread
step "coverage of the RTL" scripts/coverage_rtl.sh
step "coverage of the C++" scripts/coverage_cpp.sh
step "fuzz every reader for five minutes" scripts/fuzz.sh 300
run_tests release -R test_qat_ranks  # test.sh has no MPI
run_tests release -R cli_report_page  # test.sh has no browser
say "all nightly checks passed"
