#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that what the documentation points at exists: relative links with their headings, and paths of the tree in backticks, of which
scripts can be executed.

Usage: check_docs.py [ROOT]. Exit 1 with one line per dead pointer. Python standard library only.
"""
import pathlib
import re
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
# A path in backticks starts with a folder of the tree; "*" stands for anything, and a file may be named without its suffix. NAME, FOLDER and BOARD are placeholders.
PATH = re.compile(r"^(?:bitstreams|docs|hls|host|hw|models|qat|scripts|sim|tests)/[\w./*+-]*$")
PLACEHOLDER = re.compile(r"NAME|FOLDER|BOARD")


def anchors(text):
    """The names that headings of a page get: lower case, punctuation dropped, blanks to hyphens."""
    found = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower())
        found.add(plain.strip().replace(" ", "-"))
    return found


def dead_links(root, page, text):
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        if not place.exists():
            yield f"links to {target}, which does not exist"
        elif anchor and place.suffix == ".md" and anchor not in anchors(place.read_text()):
            yield f"links to {target}: {place.relative_to(root)} has no such heading"


def dead_paths(root, text):
    for code in CODE.findall(text):
        if PATH.match(code) and not PLACEHOLDER.search(code):
            pattern = code.rstrip("/")
            if not any(root.glob(pattern)) and not any(root.glob(pattern + ".*")) and not any(root.glob(pattern + "*.*")):
                yield f"names `{code}`, which does not exist"


def closed_scripts(root, text):
    for word in sorted({code.split()[0] for code in CODE.findall(text) if code.strip()}):
        path = root / word
        if PATH.match(word) and path.is_file() and not path.stat().st_mode & 0o100 and path.read_bytes()[:2] == b"#!":
            yield f"names `{word}`, a script that is not executable"


def pages(root):
    """Every page of the tree; build folders have names that begin with "build"."""
    return sorted(page for page in root.rglob("*.md") if not page.relative_to(root).parts[0].startswith("build"))


def problems(root):
    for page in pages(root):
        prose = FENCE.sub("", page.read_text())
        for problem in [*dead_links(root, page, prose), *dead_paths(root, prose), *closed_scripts(root, prose)]:
            yield f"{page.relative_to(root)}: {problem}"


def main():
    root = (pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    found = list(problems(root))
    print("\n".join(found) if found else f"{len(pages(root))} pages: every link and path leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
