"""The published schema and the decoder must agree about workspaces.

Rows of tests/data/badinput/workspace.json, which tests/cli/test_badinput runs through the program, say what the schema
makes of them: "rejects"; "accepts" where only the world is wrong (a file that is not there); "cannot say" where a schema
cannot see it (names that must be unique, a reference to another entry); "no document" where nothing can be parsed. The
files of tests/data/workspace, which the decoder's own test reads, must be accepted.
"""

import json
import pathlib
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

root = pathlib.Path(sys.argv[1])
schema = json.loads((root / "resources/workspace.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def read(text, name):
    return json.loads(text) if name.endswith(".json") else yaml.safe_load(text)


failures = []
checked = 0
for path in sorted((root / "tests/data/workspace").iterdir()):
    checked += 1
    for error in validator.iter_errors(read(path.read_text(), path.name)):
        failures.append(f"{path.name}: good, but the schema says: {error.json_path}: {error.message}")

for row in json.loads((root / "tests/data/badinput/workspace.json").read_text()):
    checked += 1
    try:
        document = read(row["text"], row["file"])
    except (yaml.YAMLError, ValueError):
        if row["schema"] != "no document":
            failures.append(f"{row['name']}: cannot be parsed")
        continue
    errors = list(validator.iter_errors(document))
    if row["schema"] == "rejects" and not errors:
        failures.append(f"{row['name']}: the decoder refuses it, the schema does not")
    elif row["schema"] in ("accepts", "cannot say") and errors:
        failures.append(f"{row['name']}: the row says that the schema {row['schema']}, but: {errors[0].message}")

for failure in failures:
    print(failure)
print(f"{checked} workspaces, {len(failures)} disagreements")
sys.exit(1 if failures else 0)
