#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The checks that take too long for every change: everything with the label "nightly".
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

<<<<<<< HEAD
install_packages "${packages[@]}" yosys libopenmpi-dev openmpi-bin
=======
install_packages "${packages[@]}"
>>>>>>> 5c94046 (Prove packing, sums, control and token widths for all inputs)
build release
run_tests release -L nightly
run_tests release -R test_qat_ranks  # test.sh has no MPI
say "all nightly checks passed"
