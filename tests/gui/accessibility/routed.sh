#!/usr/bin/env bash
# Objects of an application with two tracks behind an HTTPRoute that gives all traffic to the first: NAME-blue 1.4.0 and
# NAME-green 1.5.0, two pods each.
#   routed.sh NAME | kubectl -n NAMESPACE apply -f -
set -euo pipefail
name=${1:?the name of the application}
tag=1.4.0
for track in blue green; do
  cat <<END
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $name-$track, labels: {app: $name, track: $track}}
spec:
  replicas: 2
  selector: {matchLabels: {app: $name, track: $track}}
  template:
    metadata: {labels: {app: $name, track: $track}}
    spec: {containers: [{name: web, image: "registry.example/$name:$tag"}]}
---
apiVersion: v1
kind: Service
metadata: {name: $name-$track}
spec: {ports: [{port: 80}], selector: {app: $name, track: $track}}
END
  tag=1.5.0
done
cat <<END
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: $name}
spec:
  rules:
    - backendRefs:
        - {name: $name-blue, port: 80, weight: 100}
        - {name: $name-green, port: 80, weight: 0}
END
