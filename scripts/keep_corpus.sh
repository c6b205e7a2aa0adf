#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Adds what runs of fuzz.sh have kept in build/fuzz/corpus to tests/fuzz/corpus/TARGET.tar.xz: of everything together only inputs
# that reach a path no smaller one reaches, and none for what the seeds reach.
# Usage: keep_corpus.sh [TARGET...], by default all that were fuzzed.
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

folder=build/fuzz
names=("$@")
((${#names[@]} > 0)) || mapfile -t names < <(ls "$folder/corpus")
mkdir -p tests/fuzz/corpus
for name in "${names[@]}"; do
  archive=$PWD/tests/fuzz/corpus/$name.tar.xz merged=$folder/merged/$name
  rm -rf "$merged" "$merged.old"
  mkdir -p "$merged" "$merged.old"
  [[ ! -f $archive ]] || tar -xJf "$archive" -C "$merged.old"
  # What is there already counts as reached, and is put aside afterwards.
  cp "$folder/seeds/$name"/* "$merged"
  SQUAT_FUZZ_TARGET=$name build/sanitize/tests/fuzz/squat_fuzz -merge=1 "$merged" "$merged.old" "$folder/corpus/$name" \
    >"$folder/$name.merge.log" 2>&1
  rm -f "$merged"/seed-*
  # The same bytes for the same inputs: git must see no change where there is none.
  tar -C "$merged" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=a=rX,u+w -cf - . | xz -9e -T1 >"$archive"
  echo "$name: $(find "$merged" -type f | wc -l) inputs, $(stat -c %s "$archive") bytes"
done
