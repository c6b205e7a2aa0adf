#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fails when a tracked C++ file is not formatted as .clang-format says. "--fix" formats it instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

format=$(command -v clang-format-14 || command -v clang-format) || { echo "clang-format is not installed (Debian: clang-format-14)" >&2; exit 4; }
if [[ ${1:-} == --fix ]]; then mode=(-i); else mode=(--dry-run --Werror); fi
git ls-files -z -- '*.cpp' '*.hpp' ':!hw/gen' | xargs -0 "$format" --style=file "${mode[@]}"
