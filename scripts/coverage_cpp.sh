#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lines of host/, qat/ and hls/ that the ordinary tests reach, counted by gcov in a build of its own (build/coverage), with a page
# for every file in build/coverage/html. Tests that only simulate, prove or cross-compile take no part; Verilated models are not counted.
# Options go to coverage_cpp.py; see --help.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_packages "${packages[@]}" lcov libopenmpi-dev openmpi-bin
step "configure build/coverage" cmake --preset coverage -Wno-dev
folder=build/coverage
mapfile -t tests < <(comm -12 \
  <(ctest --test-dir "$folder" -N -LE 'nightly|rtl|kernel|formal' 2>/dev/null | sed -n 's/^ *Test *#[0-9]*: //p' | sort) \
  <(cmake --build "$folder" --target help | sed -n 's/: phony$//p' | sort))
scripts=(cli_completion cli_generate_terminal cli_report_page manual_page) # run squat and need nothing else
step "build squat and ${#tests[@]} test programs" cmake --build "$folder" -j "$jobs" --target squat "${tests[@]}"
step "forget earlier counts" lcov -q --zerocounters --directory "$folder"
step "run them" ctest --test-dir "$folder" -j "$jobs" --output-on-failure --no-tests=error -R "^($(IFS='|' && echo "${tests[*]}|${scripts[*]}"))\$"

# count NAME OPTION...: what gcov says, into NAME.info; lines of every compiled file count, also of those no test touched.
count() {
  local name=$1
  shift
  lcov -q --capture "$@" --directory "$folder" --base-directory "$PWD" --no-external --output-file "$folder/$name.info"
}
step "read the counters" count run
step "list what was compiled" count compiled --initial
lcov -q -a "$folder/compiled.info" -a "$folder/run.info" --output-file "$folder/all.info"
lcov -q --extract "$folder/all.info" "$PWD/host/*" "$PWD/qat/*" "$PWD/hls/*" --output-file "$folder/coverage.info"
step "write the pages" genhtml -q --prefix "$PWD" --title squat --output-directory "$folder/html" "$folder/coverage.info"
say "pages: $folder/html/index.html"
python3 scripts/coverage_cpp.py "$folder/coverage.info" "$@"
