#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands in for v++: records its command (environment: STUB_LOG), refuses unknown options and missing files, writes the output."""
import os
import pathlib
import sys

WITH_VALUE = {"--platform", "-t", "--kernel_frequency", "-k", "-o", "--config", "--advanced.prop"}
PLAIN = {"-c", "-l", "--save-temps"}


def refuse(text):
    print("vpp_stub: " + text, file=sys.stderr)
    sys.exit(1)


def main():
    with open(os.environ["STUB_LOG"], "a", encoding="utf-8") as log:
        log.write("v++ " + " ".join(sys.argv[1:]) + "\n")
    words = iter(sys.argv[1:])
    values, inputs, kernels = {}, [], []
    for word in words:
        if word in WITH_VALUE:
            values[word] = next(words, "")
        elif word.startswith("-I"):
            if not pathlib.Path(word[2:]).is_dir():
                refuse(word[2:] + ": no such folder")
        elif word in PLAIN:
            values[word] = ""
        elif word.startswith("-"):
            refuse("unknown option " + word)
        else:
            inputs.append(word)
    if not values.get("--platform"):
        refuse("no platform")
    for name in inputs + ([values["--config"]] if "--config" in values else []):
        if not pathlib.Path(name).is_file():
            refuse(name + ": no such file")
    if "-c" in values and not any('extern "C" void %s(' % values["-k"] in pathlib.Path(n).read_text(encoding="utf-8") for n in inputs):
        refuse("no source defines " + values["-k"])
    if "-l" in values:
        for line in pathlib.Path(values["--config"]).read_text(encoding="utf-8").splitlines():
            if line.startswith("nk="):
                kernel, _, instance = line[3:].split(":")
                kernels.append(instance)
                if not any(pathlib.Path(n).name.startswith(kernel + ".") for n in inputs):
                    refuse("%s: no .xo of kernel %s" % (line, kernel))
            if line.startswith("stream_connect="):
                for end in line[15:].split(":"):
                    if end.split(".")[0] not in kernels:
                        refuse("%s: no instance %s" % (line, end))
    pathlib.Path(values["-o"]).write_text("", encoding="utf-8")


main()
