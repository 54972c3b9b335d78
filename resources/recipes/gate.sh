#!/bin/sh
# gate.sh APP ENV: ends well only when the policy lets exactly $DIGEST of APP into ENV. README.md has the variables.
set -eu
: "${DIGEST:?what is to be deployed: sha256:...}"
: "${SIGNALBOX_LEDGER:?where the ledger is}"
: "${SIGNALBOX_FIRST_ADMIN:?the fingerprint of who began the ledger}"

set -- "$1" "$2" --digest "$DIGEST" --ledger "$SIGNALBOX_LEDGER" --first-admin "$SIGNALBOX_FIRST_ADMIN"
if [ -n "${SIGNALBOX_SEEN:-}" ] && [ -s "$SIGNALBOX_SEEN" ]; then
  set -- "$@" --at-least "$(cat "$SIGNALBOX_SEEN")"
fi

status=0
signalbox gate "$@" --wait "${SIGNALBOX_WAIT:-30m}" || status=$?

# What was seen now has to be there the next time.
if [ -n "${SIGNALBOX_SEEN:-}" ] && [ "$status" -le 1 ]; then
  tip=$(signalbox gate "$@" --json | sed -n 's/^ *"tip": "\([0-9a-f]\{40\}\)".*/\1/p') || true
  if [ -n "$tip" ]; then printf '%s\n' "$tip" > "$SIGNALBOX_SEEN"; fi
fi
exit "$status"
