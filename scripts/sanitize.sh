#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds under AddressSanitizer and UndefinedBehaviorSanitizer and runs the tests there.
# Verilated models are generated code and stay uninstrumented; tests that only simulate ("slow") are left to test.sh.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_packages "${packages[@]}"
build sanitize
run_tests sanitize -LE 'nightly|slow'
say "all tests passed under the sanitizers"
