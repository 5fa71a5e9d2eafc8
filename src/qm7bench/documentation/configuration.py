"""The page of the configuration: every key of config.yaml, from its JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from qm7bench.documentation.plugins import escaped

Schema = dict[str, Any]
HEAD = """# Configuration

Every key of `config.yaml`, made by `qm7bench document` from `workflow/schemas/config.schema.yaml`.
A key that is not described here is an error, and so is a wrong value: the run stops before any job
starts, and the message names the key. NAME stands for a name that you choose.
"""
LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
}
TYPES = {
    "string": "a text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "keys and values",
    "array": "a list",
    "null": "nothing",
}


def configuration_page(file: Path) -> str:
    """Markdown with a section for each key at the top, and a table of the keys below it."""
    schema = yaml.safe_load(file.read_text(encoding="utf-8"))
    lines = [HEAD]
    for key, found in schema["properties"].items():
        value = _resolved(found, schema)
        keys = list(_keys_below(key, value, schema))
        lines += [f"## {key}", "", *([escaped(_one_line(value)), ""] if _one_line(value) else [])]
        if not keys:
            lines += [f"{_allowed(value, schema).capitalize()}; {_default(value)}.", ""]
            continue
        lines += ["| key | value | default | meaning |", "|---|---|---|---|"]
        for name, below, required in keys:
            default = "required" if required else _default(below).removeprefix("default ")
            cells = (f"`{name}`", _allowed(below, schema), default, escaped(_one_line(below)))
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _resolved(value: Schema, schema: Schema) -> Schema:
    """A definition with its reference filled in, and without the alternative of being left out."""
    if "$ref" in value:
        target: Schema = schema
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        value = {**target, **{k: v for k, v in value.items() if k != "$ref"}}
    for several in ("anyOf", "allOf", "oneOf"):
        kinds = [k for k in value.get(several, []) if k.get("type") != "null"]
        if len(kinds) == 1:
            value = {
                **_resolved(kinds[0], schema),
                **{k: v for k, v in value.items() if k != several},
            }
    return value


def _keys_below(name: str, value: Schema, schema: Schema) -> Iterator[tuple[str, Schema, bool]]:
    """Names below a key, with their definitions and whether they must be given."""
    for key, found in value.get("properties", {}).items():
        below = _resolved(found, schema)
        inner = list(_keys_below(f"{name}.{key}", below, schema))
        if not inner or _one_line(below):
            yield f"{name}.{key}", below, key in value.get("required", [])
        yield from inner
    further = value.get("additionalProperties")
    if isinstance(further, dict):
        yield from _keys_below(f"{name}.NAME", _resolved(further, schema), schema)


def _allowed(value: Schema, schema: Schema) -> str:
    """In words what a value may be."""
    value = _resolved(value, schema)
    if "enum" in value:
        return " or ".join(f"`{v}`" for v in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    kinds = value.get("anyOf", value.get("oneOf"))
    if kinds:
        return " or ".join(_allowed(k, schema) for k in kinds if k.get("type") != "null")
    kind = value.get("type", "anything")
    names = [k for k in (kind if isinstance(kind, list) else [kind]) if k != "null"]
    words = " or ".join(TYPES.get(k, k) for k in names)
    if value.get("items"):
        words = f"a list, each {_allowed(value['items'], schema)}"
    limits = [text.format(value[key]) for key, text in LIMITS.items() if key in value]
    return " ".join([words, *[" and ".join(limits)] * bool(limits)])


def _default(value: Schema) -> str:
    if value.get("default") in (None, ""):
        return "no default"
    return f"default `{json.dumps(value['default'])}`"


def _one_line(value: Schema) -> str:
    return " ".join(str(value.get("description", "")).split())
