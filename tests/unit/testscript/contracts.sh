#!/usr/bin/env bash
# Where there are no official API descriptions ./test says which tests did not run; who asked for them is told by its
# status. With stand-ins for what builds and tests.  contracts.sh ROOT
set -euo pipefail
root=$1
yard=$(mktemp -d)
trap 'rm -rf -- "$yard"' EXIT
mkdir -p "$yard/code/"{.ci,bin,installer,tests/lab/kubernetes,build/release} "$yard/descriptions"
cp "$root/test" "$yard/code/test"
cp "$root/.ci/run" "$yard/code/.ci/run"
for tool in bin/cmake bin/ctest installer/debian-packages.sh tests/lab/kubernetes/build-from-debian.sh; do
  printf '#!/bin/sh\n%s\n' ': >build/release/tests.log; case " $* " in *" -N "*) echo "  Test  #1: test_described";; esac' \
    >"$yard/code/$tool"
  chmod +x "$yard/code/$tool"
done
failed=0
# expect NAME STATUS SAID VARIABLES... -- COMMAND...: SAID is "named" or "nothing" of what did not run
expect() {
  local name=$1 status=$2 said=$3 got=0 found=nothing
  shift 3
  local variables=()
  while [[ $1 != -- ]]; do variables+=("$1"); shift; done
  shift
  (cd "$yard/code" && env -u SIGNALBOX_CONTRACTS -u CI "${variables[@]}" PATH="$yard/code/bin:$PATH" "$@") >"$yard/out" 2>&1 || got=$?
  ! grep -q test_described "$yard/out" || found=named
  [[ $got == "$status" && $found == "$said" ]] && return
  echo "$name: status $got, $found; expected status $status, $said"
  sed 's/^/  /' "$yard/out"
  failed=1
}
expect "at home" 0 named -- ./test
expect "on a machine of CI that has none" 0 named CI=true -- ./test
expect "asked for" 1 named -- ./test --contracts-required
expect "given, but not there" 1 named SIGNALBOX_CONTRACTS="$yard/nowhere" -- ./test
expect "given" 0 nothing SIGNALBOX_CONTRACTS="$yard/descriptions" -- ./test --contracts-required
expect "what a change must pass" 1 named -- .ci/run
expect "the same, with them" 0 nothing SIGNALBOX_CONTRACTS="$yard/descriptions" -- .ci/run
exit $failed
