#!/usr/bin/env bash
# The first start on a private display, as a screen reader sees it: the guide comes by itself once there is something to
# point at, Enter and Esc work in it, and the second start does not show it again.
#   firstuse.sh CONSOLE
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
display=$here/../../lab/display
console=${1:?the window\'s executable}
a11y() { /usr/bin/python3 "$display/a11y.py" "$@"; }
case ${FIRSTUSE:-} in
  first)
    a11y wait "push button" Next 60
    xdotool key --clearmodifiers Return
    a11y wait "push button" Back 10
    a11y press "push button" Skip
    for _ in $(seq 40); do a11y get "push button" Next >/dev/null 2>&1 || exit 0; sleep 0.25; done
    echo "the guide does not go" >&2
    exit 1
    ;;
  second)
    a11y wait table "Releases by environment" 60
    sleep 3 # as long as the guide took to come, and more
    if a11y get "push button" Next >/dev/null 2>&1; then
      echo "the guide came again" >&2
      exit 1
    fi
    exit 0
    ;;
esac
for tool in Xvfb openbox wmctrl xdotool; do command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 1; }; done
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
# What --demo shows is new at every start; the operator's own settings are not.
export SIGNALBOX_DATA=$data XDG_CONFIG_HOME=$data
for FIRSTUSE in first second; do
  export FIRSTUSE
  LAB_APP_LOG=$data/app.log "$display/run.sh" --size 1500x960 "$console" --demo -- bash "$0" "$console" || {
    status=$?
    echo "--- the program said ($FIRSTUSE start):" >&2
    tail -n 30 "$data/app.log" >&2 || true
    exit "$status"
  }
done
grep -q 'seen=true' "$data/console.ini"
echo "the guide came once"
