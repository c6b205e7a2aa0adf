#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What bash proposes after the script of "squat completion" is loaded. Usage: completion_test.sh SQUAT
set -euo pipefail
source <("$1" completion)

failures=0
# proposes WORDS... -- EXPECTED...: the last of WORDS is being typed.
proposes() {
  COMP_WORDS=()
  while [[ $1 != -- ]]; do COMP_WORDS+=("$1"); shift; done
  shift
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  COMPREPLY=()
  _squat || true  # nothing to propose is no error here
  if [[ ${COMPREPLY[*]} != "$*" ]]; then
    echo "'${COMP_WORDS[*]}': expected '$*', found '${COMPREPLY[*]}'"
    failures=$((failures + 1))
  fi
}

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir "$work/model"
touch "$work/more.txt"
proposes squat gen -- generate
proposes squat --vers -- --version
proposes squat generate --promp -- --prompt
proposes squat bench --shap -- --shape
proposes squat generate --shap --
proposes squat eval --format j -- json
proposes squat eval --model "$work/mo" -- "$work/model"
proposes squat eval --text "$work/mor" -- "$work/more.txt"
exit $((failures > 0))
