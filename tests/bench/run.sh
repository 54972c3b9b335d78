#!/usr/bin/env bash
# Runs every benchmark in a folder of executables, one after the other, so that none disturbs another.
#   run.sh BIN_FOLDER [NAME...]     NAME: bench_watch ...; default all
# Each prints its figures beside a peer's or a limit. What needs a control plane gets one of its own, filled once.
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
failed=0
for name in "${names[@]}"; do
  printf '\n== %s\n' "$name"
  "$bin/$name" || { echo "$name ended with status $?"; failed=1; }
done
exit $failed
