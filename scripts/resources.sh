#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the accelerator needs of an FPGA, beside what the KV260 has: estimates by Yosys, not vendor numbers. Minutes; see --help.
exec python3 "$(dirname "${BASH_SOURCE[0]}")/resources.py" "$@"
