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
# Whom the commits are by is read from the repository then, and the request has to list every one of them.
if [ -n "${SIGNALBOX_REPOSITORY:-}" ]; then
  : "${COMMIT:?the full id of the commit that $DIGEST was built from}"
  : "${SINCE:?the full id of the commit that runs there now}"
  set -- "$@" --commit "$COMMIT" --repository "$SIGNALBOX_REPOSITORY" --since "$SINCE"
fi
if [ -n "${SIGNALBOX_STRICT:-}" ]; then
  set -- "$@" --strict
fi

status=0
signalbox gate "$@" --wait "${SIGNALBOX_WAIT:-30m}" || status=$?

# What was seen now has to be there the next time.
if [ -n "${SIGNALBOX_SEEN:-}" ] && [ "$status" -le 1 ]; then
  tip=$(signalbox gate "$@" --json | sed -n 's/^ *"tip": "\([0-9a-f]\{40\}\)".*/\1/p') || true
  if [ -n "$tip" ]; then printf '%s\n' "$tip" > "$SIGNALBOX_SEEN"; fi
fi
exit "$status"
