#!/usr/bin/env bash
# One program on a private X display with a window manager, and nothing more: no buses, no driver.
#   alone.sh [--size 1600x1000] PROGRAM [ARG...]
# Its exit status is the program's, or 3 when something is not installed. Everything is ended by pid afterwards.
set -u
for need in Xvfb:xvfb openbox:openbox; do
  command -v "${need%%:*}" >/dev/null || { echo "install ${need##*:}" >&2; exit 3; }
done
size=1600x1000
[[ $1 == --size ]] && { size=$2; shift 2; }
state=$(mktemp -d)
server='' manager='' program=''
finish() {
  for pid in $program $manager $server; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; done
  rm -rf "$state"
}
trap finish EXIT
trap 'exit 143' TERM INT
# -displayfd picks a free display number, so runs do not collide
Xvfb -displayfd 3 -screen 0 "${size}x24" -nolisten tcp 3>"$state/display" >"$state/xvfb.log" 2>&1 & server=$!
for _ in $(seq 100); do [[ -s $state/display ]] && break; sleep 0.1; done
DISPLAY=:$(cat "$state/display")
export DISPLAY QT_QPA_PLATFORM=xcb
unset WAYLAND_DISPLAY
for _ in $(seq 50); do [[ -S /tmp/.X11-unix/X${DISPLAY#:} ]] && break; sleep 0.1; done
openbox >/dev/null 2>&1 & manager=$!
"$@" & program=$!
wait "$program"
status=$?
program=''
exit "$status"
