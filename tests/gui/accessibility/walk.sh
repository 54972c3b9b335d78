#!/usr/bin/env bash
# Drives the real window on a private display, by its accessibility tree and by the keyboard alone:
#   - on every page, in the palette and in the help each control that can be operated has a name and a role;
#   - a rollback is done by keyboard only, and the cluster confirms it.
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
shot() { [[ -z ${LAB_PICTURES:-} ]] || import -window root "$LAB_PICTURES/$1.png"; }

wmctrl -r :ACTIVE: -e 0,20,20,1440,900 || true
sleep 4
failed=0 looked=0
look() { # NAME
  sleep 1.5
  shot "$1"
  looked=$((looked + 1))
  a11y unnamed || { echo "^ $1" >&2; failed=1; }
}
for page in 1 2 3 4 5 6 7 8; do
  keys "$page"
  look "page-$page"
done
for page in Connections Settings "Fire drills"; do
  a11y press /./ "$page"
  look "$page"
done
keys ctrl+k
look palette
keys Escape
keys question
look help
keys Escape
[[ $failed -eq 0 ]] || { echo "some controls say no name or no role (above)" >&2; exit 1; }
echo "every control of $looked screens says its name and its role"

# Rollback by keyboard alone: the palette finds the application, the chord opens the screen, the held key does it.
keys ctrl+k
sleep 0.5
xdotool type --delay 30 "cart $WALK_NS"
sleep 0.7
shot palette
keys Return
sleep 1.5
keys ctrl+shift+r
sleep 1
a11y wait "list item" "/1\\.0\\.0/" 20
keys Return
for _ in $(seq 40); do
  a11y get "push button" "Roll back now" >/dev/null 2>&1 && break
  sleep 0.25
done
sleep 1.5
shot rollback-before
before=$(kubectl -n "$WALK_NS" get deployment cart -o jsonpath='{.spec.template.spec.containers[0].image}')
xdotool keydown Return
sleep 1.2
xdotool keyup Return
for _ in $(seq 60); do
  after=$(kubectl -n "$WALK_NS" get deployment cart -o jsonpath='{.spec.template.spec.containers[0].image}')
  [[ $after == *:1.0.0 ]] && break
  sleep 0.25
done
shot rollback-after
echo "before: $before, after: $after"
[[ $before == *:2.0.0 && $after == *:1.0.0 ]]
