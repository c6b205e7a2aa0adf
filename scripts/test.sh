#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, and passes the tests. Longer checks: nightly.sh.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_packages "${packages[@]}"
step "check that the files generated from hw/spec are fresh" python3 scripts/gen_spec.py --check
build release
run_tests release -LE nightly
say "all tests passed"
