#!/usr/bin/env bash
# The control plane that the tests of one ctest run share.
#   fixture.sh up DIR      start one in DIR on free ports (or keep the one that runs there)
#   fixture.sh down DIR    stop it and delete DIR
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
verb=${1:?up or down} dir=${2:?folder}
export K8S_LAB_DIR=$dir
case $verb in
  up)
    if "$here/stop.sh" --running >/dev/null 2>&1 && [[ -s $dir/port ]]; then exit 0; fi
    for _ in 1 2 3 4 5; do
      port=$((RANDOM % 20000 + 30000))
      for ((i = 0; i < 5; i++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$((port + i))") 2>/dev/null; then continue 2; fi
      done
      export K8S_LAB_PORT=$port
      if "$here/start.sh" --nodes 4 --audit --fresh; then
        echo "$port" >"$dir/port"
        exit 0
      fi
    done
    exit 1
    ;;
  down) "$here/stop.sh" --delete ;;
  *) echo "fixture: up or down, not $verb" >&2; exit 2 ;;
esac
