"""Pushes an image, made here, to a registry: push.py URL USER PASSWORD NAME TAG LABELS [LABELS ...]

LABELS is a JSON object. One of them makes an image for linux/amd64; several an index with one image each (linux/amd64,
linux/arm64, linux/arm/v7) and an attestation, as BuildKit pushes them. --docker makes a Docker manifest instead of an OCI
one. Prints a JSON object: digest (that the tag stands for), platforms (of their manifests), config (of the first).
"""

import base64
import gzip
import hashlib
import io
import json
import sys
import tarfile
import urllib.parse
import urllib.request

arguments = [each for each in sys.argv[1:] if each != "--docker"]
is_docker = "--docker" in sys.argv
url, user, password, name, tag, *labels = arguments
authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def ask(method, address, body=None, kind=None):
    request = urllib.request.Request(address, data=body, method=method, headers={"Authorization": authorization})
    if kind:
        request.add_header("Content-Type", kind)
    return urllib.request.urlopen(request, timeout=20)


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def blob(data, kind):
    with ask("POST", f"{url}/v2/{name}/blobs/uploads/", b"") as answer:
        place = answer.headers["Location"]
    place = urllib.parse.urljoin(url, place)
    ask("PUT", place + ("&" if "?" in place else "?") + "digest=" + digest(data), data, "application/octet-stream").close()
    return {"mediaType": kind, "size": len(data), "digest": digest(data)}


def manifest(document, reference=None):
    data = json.dumps(document).encode()
    ask("PUT", f"{url}/v2/{name}/manifests/{reference or digest(data)}", data, document["mediaType"]).close()
    return {"mediaType": document["mediaType"], "size": len(data), "digest": digest(data)}


def layer():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("empty"))
    return gzip.compress(packed.getvalue(), mtime=0)


if is_docker:
    base = "application/vnd.docker."
    kinds = (base + "container.image.v1+json", base + "image.rootfs.diff.tar.gzip", base + "distribution.manifest.v2+json",
             base + "distribution.manifest.list.v2+json")
else:
    base = "application/vnd.oci.image."
    kinds = (base + "config.v1+json", base + "layer.v1.tar+gzip", base + "manifest.v1+json", base + "index.v1+json")


def image(platform, text, reference=None):
    config = {"created": "2026-03-01T10:00:00Z", "config": {"Labels": json.loads(text)},
              "rootfs": {"type": "layers", "diff_ids": []}, **platform}
    described = blob(json.dumps(config).encode(), kinds[0])
    document = {"schemaVersion": 2, "mediaType": kinds[2], "config": described, "layers": [blob(layer(), kinds[1])]}
    return manifest(document, reference), described["digest"]


platforms = [{"os": "linux", "architecture": "amd64"}, {"os": "linux", "architecture": "arm64"},
             {"os": "linux", "architecture": "arm", "variant": "v7"}]
if len(labels) == 1:
    pushed, config = image(platforms[0], labels[0], tag)
    print(json.dumps({"digest": pushed["digest"], "platforms": [pushed["digest"]], "config": config}))
else:
    entries, configs = [], []
    for platform, text in zip(platforms, labels):
        pushed, config = image(platform, text)
        entries.append({**pushed, "platform": platform})
        configs.append(config)
    unknown = {"os": "unknown", "architecture": "unknown"}
    attestation, _ = image(unknown, "{}")
    entries.append({**attestation, "platform": unknown,
                    "annotations": {"vnd.docker.reference.type": "attestation-manifest"}})
    index = manifest({"schemaVersion": 2, "mediaType": kinds[3], "manifests": entries}, tag)
    print(json.dumps({"digest": index["digest"], "platforms": [each["digest"] for each in entries[:-1]],
                      "config": configs[0]}))
