#!/usr/bin/env python3
"""Fills a running lab with a few applications in dev, staging and production, as people would have them.

  ./showcase.py            six applications with two or three revisions each, blue and green, routes, one crash loop
  ./showcase.py --delete   removes the namespaces again

For pictures, for trying things by hand and for the tests of the screens. Python's standard library only.
"""
import argparse
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from node_simulator import MERGE, Api, ApiError  # noqa: E402

SPACES = ("dev", "staging", "production")


def workload(kind, ns, app, team, versions, replicas, track="", behaviour=""):
    """The same object once a version: applying them in turn makes a revision each."""
    name = f"{app}-{track}" if track else app
    selector = {"app.kubernetes.io/name": app, **({"track": track} if track else {})}
    labels = {**selector, "app.kubernetes.io/part-of": "acme-vision", "team": team}
    for version in versions:
        last = version is versions[-1]
        notes = {"k8s-lab/behaviour": behaviour} if behaviour and last else {}
        spec = {"replicas": replicas, "selector": {"matchLabels": selector}, "template": {
            "metadata": {"labels": {**labels, "app.kubernetes.io/version": version}, "annotations": notes},
            "spec": {"containers": [{"name": "app", "image": f"registry.example/{app}:{version}",
                                     "env": [{"name": "MODEL", "value": f"{app}-v{version.split('.')[0]}"}],
                                     "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "4Gi"}}}]}}}
        if kind == "StatefulSet":
            spec.update({"serviceName": app, "podManagementPolicy": "Parallel"})
        if kind == "DaemonSet":
            del spec["replicas"]
        if kind == "Deployment":
            spec["progressDeadlineSeconds"] = 600
        yield {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": ns, "labels": labels}, "spec": spec}


def service(ns, app, track="", name=""):
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name or (f"{app}-{track}" if track else app), "namespace": ns, "labels": {"app.kubernetes.io/name": app}},
            "spec": {"selector": {"app.kubernetes.io/name": app, **({"track": track} if track else {})}, "ports": [{"port": 80, "targetPort": 8080}]}}


def everything():
    d = lambda *a, **k: list(workload("Deployment", *a, **k))
    # image-classifier: blue and green behind an Istio VirtualService in production
    yield from d("dev", "image-classifier", "vision", ["2.15.0-rc.2", "2.15.0-rc.3"], 2)
    yield from d("staging", "image-classifier", "vision", ["2.14.3", "2.15.0-rc.2"], 3)
    yield from d("production", "image-classifier", "vision", ["2.14.2", "2.14.3"], 12, "blue")
    yield from d("production", "image-classifier", "vision", ["2.14.1", "2.15.0-rc.2"], 12, "green")
    yield service("production", "image-classifier", "blue")
    yield service("production", "image-classifier", "green")
    yield {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": {"name": "image-classifier", "namespace": "production"},
           "spec": {"hosts": ["image-classifier.acme.example"], "http": [{"name": "primary", "route": [
               {"destination": {"host": "image-classifier-blue"}, "weight": 75},
               {"destination": {"host": "image-classifier-green"}, "weight": 25}]}]}}
    # smart-support: split by an HTTPRoute
    yield from d("dev", "smart-support", "dialog", ["8.2.0-dev.40", "8.2.0-dev.41"], 1)
    yield from d("staging", "smart-support", "dialog", ["8.1.8", "8.1.9"], 2)
    yield from d("production", "smart-support", "dialog", ["8.1.6", "8.1.7"], 8, "stable")
    yield from d("production", "smart-support", "dialog", ["8.1.9"], 2, "canary")
    yield service("production", "smart-support", "stable")
    yield service("production", "smart-support", "canary")
    yield {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "smart-support", "namespace": "production"},
           "spec": {"hostnames": ["support.acme.example"], "rules": [{"backendRefs": [
               {"name": "smart-support-stable", "port": 80, "weight": 100}, {"name": "smart-support-canary", "port": 80, "weight": 0}]}]}}
    # recommender: a new version that crash loops
    yield from d("dev", "recommender", "growth", ["1.44.0", "1.44.1"], 1)
    yield from d("staging", "recommender", "growth", ["1.43.9", "1.44.0"], 2)
    yield from d("production", "recommender", "growth", ["1.43.8", "1.43.9", "1.44.0"], 6, behaviour="crash")
    yield service("production", "recommender")
    # sentiment-watch: blue and green behind one Service whose selector chooses
    yield from d("staging", "sentiment-watch", "finance", ["3.3.0"], 2)
    yield from d("production", "sentiment-watch", "finance", ["3.2.8"], 6, "blue")
    yield from d("production", "sentiment-watch", "finance", ["3.3.0"], 6, "green")
    yield service("production", "sentiment-watch", "blue", name="sentiment-watch")
    # feature-store: a StatefulSet
    for ns, versions, replicas in (("dev", ["0.98.1", "0.98.2"], 1), ("staging", ["0.98.1"], 2), ("production", ["0.97.3", "0.97.4"], 5)):
        yield from workload("StatefulSet", ns, "feature-store", "platform", versions, replicas)
    # node-agent: a DaemonSet; edge-gateway: its newest image cannot be pulled
    yield from workload("DaemonSet", "production", "node-agent", "platform", ["1.8.0", "1.8.1"], 0)
    yield from d("dev", "edge-gateway", "platform", ["5.0.0", "5.0.1"], 1, behaviour="image-pull")
    yield from d("staging", "edge-gateway", "platform", ["5.0.0"], 2)
    yield from d("production", "edge-gateway", "platform", ["4.9.9", "5.0.0"], 9)
    yield service("production", "edge-gateway")


PLURALS = {"Deployment": "apis/apps/v1/{}/deployments", "StatefulSet": "apis/apps/v1/{}/statefulsets", "DaemonSet": "apis/apps/v1/{}/daemonsets",
           "Service": "api/v1/{}/services", "VirtualService": "apis/networking.istio.io/v1/{}/virtualservices",
           "HTTPRoute": "apis/gateway.networking.k8s.io/v1/{}/httproutes"}


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--delete", action="store_true")
    words.add_argument("--dir", default=os.environ.get("K8S_LAB_DIR") or os.path.join(os.environ.get("TMPDIR", "/tmp"), f"k8s-lab-{os.getuid()}"))
    words.add_argument("--port", type=int, default=int(os.environ.get("K8S_LAB_PORT", "16443")))
    options = words.parse_args()
    api = Api(f"https://127.0.0.1:{options.port}", os.path.join(options.dir, "pki"), "admin")
    if options.delete:
        for space in SPACES:
            api.call("DELETE", f"/api/v1/namespaces/{space}")
        return
    for space in SPACES:
        try:
            api.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
        except ApiError as error:
            if error.status != 409:
                raise
    seen = set()
    for thing in everything():
        meta = thing["metadata"]
        path = "/" + PLURALS[thing["kind"]].format(f"namespaces/{meta['namespace']}")
        key = (path, meta["name"])
        if key in seen:
            time.sleep(0.4)  # let the controller make the earlier revision first
            api.call("PATCH", f"{path}/{meta['name']}", {"spec": thing["spec"]}, MERGE)
            continue
        seen.add(key)
        try:
            api.call("POST", path, thing)
        except ApiError as error:
            if error.status != 409:
                raise
    print(f"{len(seen)} objects in {', '.join(SPACES)}")


if __name__ == "__main__":
    main()
