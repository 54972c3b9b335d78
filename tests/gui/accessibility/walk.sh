#!/usr/bin/env bash
# Drives the real window on a private display, by its accessibility tree and by the keyboard alone:
#   - on every page, in the palette, in the help and in what the palette opens each control that can be operated has a
#     name and a role (test_dialogs looks at every dialog, in the program's own tree);
#   - a rollback is done by keyboard only, and the cluster confirms it;
#   - traffic of an HTTPRoute is moved to a share and all of it back, by keyboard only, and the route's weights say so.
#   walk.sh CONSOLE          needs SIGNALBOX_LAB_DIR (a running control plane); LAB_PICTURES keeps screenshots
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
lab=$here/../../lab
console=${1:?the window\'s executable}
if [[ -z ${WALK_INNER:-} ]]; then
  for tool in Xvfb openbox wmctrl xdotool; do command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 1; }; done
  export KUBECONFIG=$SIGNALBOX_LAB_DIR/kubeconfig
  ns=walk-$RANDOM
  data=$(mktemp -d)
  trap 'kubectl delete namespace "$ns" --wait=false >/dev/null 2>&1 || true; rm -rf "$data"' EXIT
  kubectl create namespace "$ns" >/dev/null
  kubectl -n "$ns" create deployment cart --image=registry.example/cart:1.0.0 --replicas=3 >/dev/null
  kubectl -n "$ns" rollout status deployment/cart --timeout=60s >/dev/null
  kubectl -n "$ns" set image deployment/cart '*=registry.example/cart:2.0.0' >/dev/null
  kubectl -n "$ns" rollout status deployment/cart --timeout=60s >/dev/null
  "$here/routed.sh" checkout | kubectl -n "$ns" apply -f - >/dev/null
  for track in blue green; do kubectl -n "$ns" rollout status "deployment/checkout-$track" --timeout=60s >/dev/null; done
  printf '[guide]\nseen=true\n' >"$data/console.ini" # the guide of the first use would take the keys
  export WALK_INNER=1 WALK_NS=$ns SIGNALBOX_DATA=$data XDG_CONFIG_HOME=$data
  LAB_APP_LOG=$data/app.log "$lab/display/run.sh" --size 1500x960 "$console" --kubeconfig "$KUBECONFIG" -- bash "$0" "$console" || {
    status=$?
    echo "--- the program said:" >&2
    tail -n 30 "$data/app.log" >&2 || true
    exit "$status"
  }
  exit 0
fi

a11y() { /usr/bin/python3 "$lab/display/a11y.py" "$@"; }
keys() { xdotool key --clearmodifiers "$@"; }
comes() { # SECONDS COMMAND...: until it succeeds
  local until=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < until)) || { echo "in vain: $*" >&2; return 1; }
    sleep 0.1
  done
}
isOn() { wmctrl -l | grep -qE " $1( / .*)? - Signalbox"; } # PAGE, as the window's title says
palette() { # TEXT ENTRY: opens it, types, and waits until the entry is found
  keys ctrl+k
  a11y wait "/./" "Found" 10
  xdotool type --delay 30 "$1"
  a11y wait "list item" "$2" 10
}
shot() { [[ -z ${LAB_PICTURES:-} ]] || import -window root "$LAB_PICTURES/$1.png"; }

wmctrl -r :ACTIVE: -e 0,20,20,1440,900 || true
a11y wait "push button" "/lab-cert.* live( |$)/" 60 # the clusters are listed
failed=0 looked=0
look() { # NAME
  a11y still 20
  shot "$1"
  looked=$((looked + 1))
  a11y unnamed || { echo "^ $1" >&2; failed=1; }
}
number=0
for page in Overview Pipelines Promotions Traffic Rollback Cluster Metrics Ledger; do
  keys $((++number))
  comes 20 isOn "$page"
  look "page-$number"
done
for page in Connections Settings "Fire drills"; do
  a11y press "check box" "$page"
  comes 20 isOn "$page"
  look "$page"
done
keys ctrl+k
a11y wait "/./" "Found" 10
look palette
keys Escape
a11y gone "/./" "Found" 10
keys question
a11y wait dialog "/^Help on/" 10
look help
keys Escape
a11y gone dialog "/^Help on/" 10
# What is asked for, and what in the tree shows that it opened.
while IFS='|' read -r command role name; do
  palette "$command" "/: $command/"
  keys Return
  a11y wait "$role" "$name" 10 || { echo "\"$command\" opened nothing" >&2; failed=1; }
  look "$command"
  keys Escape
  a11y still 20
done <<'COMMANDS'
Restart cart|dialog|/^Restart .*cart/
Scale cart|dialog|/^Scale .*cart/
Add a cluster|/./|Contexts
Add a Prometheus|/./|Certificate authority file
Show running requests|/./|Running requests
Show the guide|/./|/^Guide, 1 of/
COMMANDS
[[ $failed -eq 0 ]] || { echo "some controls say no name or no role (above)" >&2; exit 1; }
echo "every control of $looked screens says its name and its role"

# Rollback by keyboard alone: the palette finds the application, the chord opens the screen, the held key does it.
palette "cart $WALK_NS" "/^Application: cart in $WALK_NS/"
shot palette
keys Return
a11y gone "/./" "Found" 10
keys ctrl+shift+r
comes 20 isOn "Rollback / cart / $WALK_NS"
a11y wait "list item" "/^1\\.0\\.0/" 20
comes 20 a11y holds list "Revisions to go back to"
a11y wait "push button" "Roll back now" 20 # the plan stands
keys Return
comes 20 a11y holds "push button" "Roll back now"
a11y still 20
shot rollback-before
image() { kubectl -n "$WALK_NS" get deployment cart -o jsonpath='{.spec.template.spec.containers[0].image}'; }
runs() { [[ $(image) == *:$1 ]]; } # VERSION
before=$(image)
xdotool keydown Return
comes 20 runs 1.0.0 || true
xdotool keyup Return
after=$(image)
shot rollback-after
echo "before: $before, after: $after"
[[ $before == *:2.0.0 && $after == *:1.0.0 ]]

# Traffic by keyboard alone: the palette opens the screen with the slider in hand, the arrows say how much, Tab finds
# the button, the held key does it.
weights() {
  kubectl -n "$WALK_NS" get httproute checkout -o jsonpath='{.spec.rules[0].backendRefs[*].weight}'
}
weigh() { [[ $(weights) == "$1" ]]; }
comesTo() { # WEIGHTS
  comes 10 weigh "$1" || { echo "the route has $(weights) instead of $1" >&2; return 1; }
}
tabTo() { # NAME, as a regular expression, of a button that can be pressed
  for _ in $(seq 40); do
    [[ $(a11y focused) =~ ^push\ button$'\t'$1 ]] && return 0
    keys Tab
    sleep 0.1
  done
  echo "Tab does not come to $1: $(a11y focused)" >&2
  return 1
}
# A plan that changes under the finger starts the hold anew: then somebody holds once more.
holdOn() { # BUTTON WEIGHTS
  local status
  for _ in 1 2 3; do
    tabTo "$1" || return 1
    xdotool keydown Return
    comesTo "$2" && status=0 || status=1
    xdotool keyup Return
    ((status)) || return 0
  done
  return 1
}
keys Escape
palette "Move traffic of checkout in $WALK_NS" "/: Move traffic of checkout in $WALK_NS/"
keys Return
a11y wait "push button" "/^All to Blue/" 30
comes 20 a11y holds slider "/./" # it is there as soon as the split is known
[[ $(weights) == "100 0" ]]
keys Prior Left Left Left Left Left # from the 10 % that are suggested: 10 % more, five times 1 % more
a11y wait "push button" "/^Shift/" 20
a11y still 20 # the plan stands still after its dry run
shot traffic-before
tabTo "Shift"
[[ $(weights) == "100 0" ]] # nothing is done before the key is held
holdOn "Shift" "75 25"
a11y wait "push button" Close 60 # observed, and said so
shot traffic-moved
holdOn "All to Blue" "100 0"
a11y still 20
shot traffic-back
echo "traffic was moved by the keyboard: 100 0, 75 25, 100 0"
