#!/usr/bin/env python3
"""A proxy that holds what passes against the official description.

    proxy.py --description FILE [--crd FILE ...] [--newer FILE] --upstream URL --ca FILE --dir FOLDER

FILE is what a Kubernetes API server says of itself (/openapi/v2), an OpenAPI 3
document or a Swagger 2 one. Listens on a port of 127.0.0.1 that the system picks, with TLS (a
certificate made now: FOLDER/proxy.pem), passes everything on to UPSTREAM, whose
certificate must be FILE of --ca, and checks

- that the path, the method and each query parameter are in the description;
- request bodies and answers against their schemas, fields that are in no schema
  included; of a watch every event by itself.

Writes FOLDER/port when it listens, one line of JSON for each violation to
FOLDER/violations and one for each checked value to FOLDER/checked. Ends with
SIGTERM. Where the description is stricter than real servers are, see `adapt`.
Python's standard library, python3-jsonschema and, for --crd, python3-yaml.
"""
import argparse
import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jsonschema

import swagger2

MANY = 40  # items of one list that are checked: the rest are of the same make


def adapt(schema, newer, name=None):
    """The schema as this proxy holds answers against it: no unknown fields, numbers where texts may be numbers."""
    if isinstance(schema, list):
        return [adapt(one, newer) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: ({field: adapt(one, newer) for field, one in value.items()} if key == "properties" else adapt(value, newer))
            for key, value in schema.items() if key not in ("description", "example", "examples", "default")}
    if made.get("format") == "int-or-string" or made.get("x-kubernetes-int-or-string"):
        return {"type": ["string", "integer"]}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in made and \
            not made.get("x-kubernetes-preserve-unknown-fields"):
        made["additionalProperties"] = False
        for field in newer.get(name or "", []):
            made["properties"].setdefault(field, {})
    if made.pop("nullable", False) is True:                # OpenAPI 3.0's word, unknown to JSON Schema
        return {"anyOf": [made, {"type": "null"}]}
    return made


def adapt_inline(node):
    """The schemas that stand in the calls themselves."""
    if isinstance(node, list):
        for one in node:
            adapt_inline(one)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "schema" and isinstance(value, dict):
                node[key] = adapt(value, {})
            elif key not in ("example", "examples"):
                adapt_inline(value)


def without_nulls(value):
    """Go's servers write null for what is not there (creationTimestamp, eventTime)."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    return value


class Description:
    def __init__(self, options):
        with open(options.description, encoding="utf-8") as file:
            text = file.read()
        document = json.loads(text)
        newer = {}
        if options.newer:
            with open(options.newer, encoding="utf-8") as file:
                newer = json.load(file)
        document = swagger2.converted(document, newer)
        self.is_kubernetes = "definitions" in document
        self.tells_nulls = not self.is_kubernetes and '"nullable"' in text  # one of Kubernetes' fields has that name
        place = document["definitions"] if self.is_kubernetes else document["components"]["schemas"]
        for name in list(place):
            place[name] = adapt(place[name], newer.get("fields", {}), name)
        if not self.is_kubernetes:
            adapt_inline(document["paths"])
            adapt_inline(document["components"].get("responses", {}))
        self.document = document
        self.unlisted = newer.get("versions", [])
        self.custom = set()
        self.kinds = {}                       # (apiVersion, kind) -> schema
        for name, schema in place.items():
            for one in schema.get("x-kubernetes-group-version-kind", []):
                version = f"{one['group']}/{one['version']}" if one["group"] else one["version"]
                self.kinds.setdefault((version, one["kind"]), {"$ref": f"#/definitions/{name}"})
        for file in options.crd or []:
            self.add_definitions(file)
        self.paths = [(re.compile("^" + re.sub(r"\\\{[^/]*?\\\}", "[^/]+", re.escape(path)) + "$"), item)
                      for path, item in document["paths"].items()]
        self.resolver = jsonschema.RefResolver("", document)
        self.validators = {}
        self.lock = threading.Lock()

    def add_definitions(self, file):
        import yaml
        with open(file, encoding="utf-8") as text:
            for crd in yaml.safe_load_all(text):
                if not crd or crd.get("kind") != "CustomResourceDefinition":
                    continue
                self.custom.add(crd["spec"]["group"])
                for version in crd["spec"]["versions"]:
                    schema = adapt(version["schema"]["openAPIV3Schema"], {})
                    schema["properties"]["metadata"] = {
                        "$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
                    self.kinds[f"{crd['spec']['group']}/{version['name']}", crd["spec"]["names"]["kind"]] = schema

    def operation(self, method, path):
        """What the description says of this call; None: nothing."""
        found = [item for pattern, item in self.paths if pattern.match(path) or pattern.match(path + "/")]
        for item in found:
            if method.lower() in item:
                parameters = item.get("parameters", []) + item[method.lower()].get("parameters", [])
                return item[method.lower()], [self.resolved(one) for one in parameters]
        return None

    def resolved(self, one):
        while "$ref" in one:
            _, one = self.resolver.resolve(one["$ref"])
        return one

    def is_unlisted(self, path):
        """Of a later version, or of a group that is there by a custom resource."""
        return any(f"/{version}/" in path + "/" for version in self.unlisted) or \
            any(path.startswith(f"/apis/{group}") for group in self.custom)

    def complaints(self, value, schema):
        key = json.dumps(schema, sort_keys=True) if len(schema) == 1 else id(schema)
        with self.lock:
            if key not in self.validators:
                draft = jsonschema.Draft4Validator if self.is_kubernetes else jsonschema.Draft202012Validator
                self.validators[key] = draft(schema, resolver=jsonschema.RefResolver("", self.document))
            validator = self.validators[key]
            value = value if self.tells_nulls else without_nulls(value)
            return [f"{'.'.join(str(step) for step in error.absolute_path)}: {error.message[:300]}"
                    for error in list(validator.iter_errors(value))[:5]]


class Checks:
    def __init__(self, description, folder):
        self.description = description
        self.lock = threading.Lock()
        self.violations = open(os.path.join(folder, "violations"), "a", encoding="utf-8", buffering=1)
        self.checked = open(os.path.join(folder, "checked"), "a", encoding="utf-8", buffering=1)

    def complain(self, call, what):
        with self.lock:
            self.violations.write(json.dumps({"call": call, "violation": what}) + "\n")

    def count(self, call, what):
        with self.lock:
            self.checked.write(json.dumps({"call": call, "value": what}) + "\n")

    def request(self, call, method, path, query):
        operation = self.description.operation(method, path)
        if operation is None:
            if not self.description.is_unlisted(path):
                self.complain(call, "this path and method are not in the description")
            return None
        known = {one["name"] for one in operation[1] if one["in"] == "query"}
        for name in query:
            if name not in known and name not in self.later_parameters(path):
                self.complain(call, f"the parameter {name} is not in the description")
        return operation[0]

    @staticmethod
    def later_parameters(path):
        # kubectl sends timeout= where it looks for what a server has (client-go's discovery client); servers take it.
        if re.fullmatch(r"/api|/apis|/api/[^/]+|/apis/[^/]+|/apis/[^/]+/[^/]+|/version|/openapi/.*", path):
            return ("timeout",)
        # fieldValidation came with Kubernetes 1.25; a log's are all described.
        return () if path.endswith("/log") else ("fieldValidation",)

    def value(self, call, operation, status, value):
        """An answer's body: of Kubernetes by its kind, else by the operation's schema for the status."""
        if self.description.is_kubernetes:
            if isinstance(value, dict) and "kind" in value:
                self.kind(call, value)
            return
        if operation is None:
            return
        responses = operation["responses"]
        answer = responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")
        if answer is None:
            self.complain(call, f"status {status} is not in the description")
            return
        schema = self.description.resolved(answer).get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return
        for complaint in self.description.complaints(value, schema):
            self.complain(call, complaint)
        self.count(call, f"status {status}")

    def body(self, call, operation, value):
        """What a client sends: of Kubernetes by its kind, else by the operation's schema."""
        if self.description.is_kubernetes or operation is None:
            self.value(call, None, 0, value)
            return
        content = self.description.resolved(operation.get("requestBody", {})).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is None:
            self.complain(call, "the description has no body there")
            return
        for complaint in self.description.complaints(value, schema):
            self.complain(call, complaint)
        self.count(call, "body")

    def kind(self, call, value):
        version, kind = value.get("apiVersion", "v1"), value["kind"]       # APIVersions has none
        if kind.endswith("List") and isinstance(value.get("items"), list):
            value = dict(value)
            for item in value["items"][:MANY]:
                self.kind(call, {"apiVersion": version, "kind": kind[:-4], **item})
            value["items"] = []
            if (version, kind) not in self.description.kinds:    # a custom resource's
                return
        schema = self.description.kinds.get((version, kind))
        if schema is None:
            if version not in self.description.unlisted and not version.startswith("meta.k8s.io/"):
                self.complain(call, f"{version} {kind} is not in the description")
            return
        for complaint in self.description.complaints(value, schema):
            self.complain(call, f"{kind} {value.get('metadata', {}).get('name', '')}: {complaint}")
        self.count(call, kind)


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    checks = upstream = tls = None

    def log_message(self, *args):
        pass

    def pass_on(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        call = f"{self.command} {self.path}"
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        is_form = "urlencoded" in (self.headers.get("Content-Type") or "")
        operation = self.checks.request(call, self.command, url.path, query)
        if body and not is_form and "patch" not in (self.headers.get("Content-Type") or ""):
            self.checks.body("the body of " + call, operation, json.loads(body))
        connection = http.client.HTTPSConnection(self.upstream.hostname, self.upstream.port, context=self.tls, timeout=600)
        try:
            headers = {name: value for name, value in self.headers.items()
                       if name.lower() not in ("host", "connection", "accept-encoding", "transfer-encoding")}
            connection.request(self.command, self.path, body, headers)
            reply = connection.getresponse()
            if query.get("watch", [""])[0] in ("1", "true") or query.get("follow", [""])[0] in ("1", "true"):
                self.stream(call, reply, "watch" in query)
            else:
                self.whole(call, operation, reply)
        except (OSError, http.client.HTTPException):
            self.close_connection = True
        finally:
            connection.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = pass_on

    def head(self, reply):
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server", "keep-alive"):
                self.send_header(name, value)

    def whole(self, call, operation, reply):
        text = reply.read()
        kind = reply.getheader("Content-Type") or ""
        if text and "json" in kind and ".raw" not in kind:   # GitHub's "raw+json" is whatever a file has
            self.checks.value(call, operation, reply.status, json.loads(text))
        self.head(reply)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def stream(self, call, reply, is_watch):
        self.head(reply)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        rest = b""
        while data := reply.read1(65536):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
            if not is_watch:
                continue
            *lines, rest = (rest + data).split(b"\n")
            for line in filter(None, lines):
                event = json.loads(line)
                if event.get("type") not in ("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"):
                    self.checks.complain(call, f"no type of an event: {event.get('type')}")
                if event.get("type") != "BOOKMARK":      # it has nothing but a version
                    self.checks.value(call, None, 200, event["object"])
        self.wfile.write(b"0\r\n\r\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass                                             # the client went


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--description", required=True)
    parser.add_argument("--crd", action="append")
    parser.add_argument("--newer", help="what later versions of the description have: fields by definition, API versions")
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--ca", required=True)
    parser.add_argument("--dir", required=True)
    options = parser.parse_args()
    certificate, key = (os.path.join(options.dir, name) for name in ("proxy.pem", "proxy.key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    Proxy.checks = Checks(Description(options), options.dir)
    Proxy.upstream = urllib.parse.urlsplit(options.upstream)
    Proxy.tls = ssl.create_default_context(cafile=options.ca)
    server = Server(("127.0.0.1", 0), Proxy)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate, key)
    server.socket = own.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with open(os.path.join(options.dir, "port.new"), "w", encoding="utf-8") as file:
        file.write(str(server.server_address[1]))
    os.replace(os.path.join(options.dir, "port.new"), os.path.join(options.dir, "port"))
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
