#!/bin/sh
# Compares the groups that Vim gives to the samples with the golden files beside this script, and
# checks indentation and `:make`. `--bless` writes the golden files.
set -eu
cd "$(dirname "$0")"
samples=../../textmate/test/snapshots
failed=0
for name in sample.aqua sample.air sample.aqirt; do
  vim -es -u NONE -S dump.vim "$samples/$name" </dev/null >"/tmp/$name.$$" 2>/dev/null || true
  if [ "${1:-}" = --bless ]; then
    cp "/tmp/$name.$$" "$name.groups"
  elif ! diff -u "$name.groups" "/tmp/$name.$$"; then
    failed=1
  fi
  rm -f "/tmp/$name.$$"
done
vim -es -u NONE -S indent.vim "$samples/sample.aqua" </dev/null || failed=1
vim -es -u NONE -S quickfix.vim </dev/null || failed=1
[ "$failed" = 0 ] && echo "vim: ok"
exit "$failed"
