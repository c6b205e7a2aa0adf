#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes host/report/third_party/plot.min.js and its licences anew from the versions in package-lock.json; needs npm and its
# registry. Not part of the build: the result is committed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../host/report/third_party"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp package.json package-lock.json entry.js "$work"
(cd "$work" && npm ci --silent --no-audit --no-fund)
"$work/node_modules/.bin/esbuild" "$work/entry.js" --bundle --minify --format=iife --global-name=Plot --target=es2020 \
  --legal-comments=none --metafile="$work/meta.json" --outfile="$work/plot.min.js" --log-level=warning
# The licence of every package that is in the bundle, and of no other.
node - "$work" > "$work/LICENSES.txt" <<'END'
const fs = require("fs"), path = require("path"), work = process.argv[2];
const inputs = Object.entries(JSON.parse(fs.readFileSync(path.join(work, "meta.json"))).outputs).flatMap(
  ([, output]) => Object.entries(output.inputs).filter(([, use]) => use.bytesInOutput > 0).map(([name]) => name));
const folders = new Set();
for (const name of inputs) {
  const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name);
  if (match) folders.add(match[1]);
}
for (const name of [...folders].sort()) {
  const folder = path.join(work, "node_modules", name);
  const about = JSON.parse(fs.readFileSync(path.join(folder, "package.json")));
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file`);
  console.log(`${name} ${about.version} (${about.license})\n${fs.readFileSync(path.join(folder, file), "utf8").trim()}\n`);
}
END
install -m 644 "$work/plot.min.js" "$work/LICENSES.txt" .
ls -l plot.min.js LICENSES.txt
