#!/usr/bin/env bash
# Runs every benchmark in a folder of executables, one after the other, so that none disturbs another.
#   run.sh BIN_FOLDER [NAME...]     NAME: bench_watch ...; default all
# Each prints its figures beside a peer's or a limit; a line with a limit ends in "met" or "MISSED", and the last line here
# sums them up. A limit that is missed is no failure. What needs a control plane gets one of its own, filled once.
set -uo pipefail
bin=${1:?folder of the executables}
shift
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
names=("$@")
if ((${#names[@]} == 0)); then
  for file in "$bin"/bench_*; do [[ -x $file && ! -d $file ]] && names+=("$(basename "$file")"); done
fi
export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen} LC_ALL=C.UTF-8 TZ=UTC
printf 'processor: %s, %s cores; build: %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)" "$(nproc)" "$bin"
failed=0 met=0 missed=()
said=$(mktemp)
trap 'rm -f "$said"' EXIT
for name in "${names[@]}"; do
  printf '\n== %s\n' "$name"
  "$bin/$name" | tee "$said"
  status=${PIPESTATUS[0]}
  ((status == 0)) || { echo "$name ended with status $status"; failed=1; }
  met=$((met + $(grep -cE '(^| )met$' "$said")))
  # What it is stands before the first two blanks.
  while read -r what; do missed+=("$name: $what"); done < <(sed -nE 's/^ *([^ ]+( [^ ]+)*)  .*MISSED$/\1/p' "$said")
done
list=$(printf '; %s' "${missed[@]}")
printf '\nlimits met %s of %s%s\n' "$met" "$((met + ${#missed[@]}))" "${missed:+; missed: ${list:2}}"
exit $failed
