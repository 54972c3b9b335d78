"""Descriptions of the older form (Swagger 2), turned into OpenAPI 3, and what they are known to say wrongly put right."""


def moved(node):
    """References to definitions lead to where OpenAPI 3 has its schemas."""
    if isinstance(node, list):
        return [moved(one) for one in node]
    if isinstance(node, dict):
        return {key: value.replace("#/definitions/", "#/components/schemas/") if key == "$ref" else moved(value)
                for key, value in node.items()}
    return node


def merged(value, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    made = dict(value) if isinstance(value, dict) else {}
    for key, one in patch.items():
        if one is None:
            made.pop(key, None)
        else:
            made[key] = merged(made.get(key), one)
    return made


def as_json(schema):
    return {"application/json": {"schema": schema}}


def operation(call):
    parameters = call.get("parameters", [])
    made = {"parameters": [one for one in parameters if one["in"] != "body"], "responses": {}}
    for one in parameters:
        if one["in"] == "body":
            made["requestBody"] = {"content": as_json(one["schema"])}
    for status, answer in call["responses"].items():
        made["responses"][status] = {"content": as_json(answer["schema"])} if "schema" in answer else {}
    return made


def converted(document, newer):
    """OpenAPI 3; a Kubernetes server's description and what is OpenAPI 3 already stay as they are."""
    if document.get("swagger") == "2.0" and not any(path.startswith("/apis/") for path in document["paths"]):
        document = {"paths": {path: {method: operation(call) for method, call in item.items() if method != "parameters"}
                              for path, item in document["paths"].items()},
                    "components": {"schemas": document["definitions"]}}
        document = moved(document)
    return merged(document, newer["corrections"]) if "corrections" in newer else document
