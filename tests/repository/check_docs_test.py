#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Known-bad pages: check_docs.py must notice one planted dead pointer each, and accept the same page without it.

Usage: check_docs_test.py SCRIPTS_DIRECTORY
"""
import pathlib
import sys
import tempfile

sys.path.insert(0, sys.argv[1])
import check_docs  # noqa: E402

FILES = {"docs/other.md": "# Two Words, `code` and [a link](https://example.org)\n", "hw/rtl/a_b.sv": "", "host/cli/c.cpp": "", "host/cli/c.hpp": "",
         "scripts/closed.sh": "#!/bin/sh\n", "scripts/module.py": ""}
GOOD = [
    "[page](docs/other.md)", "[heading](docs/other.md#two-words-code-and-a-link)", "[folder](docs)", "[away](https://example.org/none)",
    "`hw/rtl/a_b.sv`", "`hw/rtl`", "`host/cli/c`", "`hw/rtl/a_*.sv`", "`hw/rtl/NAME.sv`", "`not a path/at all`", "`scripts/module.py`", "```\n`hw/none.sv` [x](none.md)\n```",
]
BAD = [
    "[page](docs/none.md)", "[heading](docs/other.md#three-words)", "[heading](#nowhere)", "`hw/rtl/none.sv`", "`host/cli/d`", "`hw/rtl/z_*.sv`", "`tests/none`",
    "`scripts/closed.sh`", "`scripts/closed.sh --fix`",
]


def found_in(text):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        for name, content in {**FILES, "README.md": text + "\n"}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content)
        return list(check_docs.problems(root))


def main():
    failures = [f"refused, but good: {text}" for text in GOOD if found_in(text)]
    failures += [f"not noticed: {text}" for text in BAD if len(found_in(text)) != 1]
    print("\n".join(failures) or f"{len(BAD)} dead pointers noticed, {len(GOOD)} good ones accepted")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
