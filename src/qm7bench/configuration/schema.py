"""The JSON schema of config.yaml, for editors and for reading, generated from the sections.

To write it again after a change of the sections:
  python -m qm7bench.configuration.schema workflow/schemas/config.schema.yaml
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from qm7bench.configuration.sections import Configuration

HEADER = "# Generated: see src/qm7bench/configuration/schema.py.\n"


def schema_text() -> str:
    """Text of workflow/schemas/config.schema.yaml."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "config.yaml of qm7bench",
        **_tidied(Configuration.model_json_schema()),
    }
    return HEADER + yaml.safe_dump(
        schema, sort_keys=False, width=110, allow_unicode=True, default_flow_style=None
    )


def _tidied(schema: Any) -> Any:
    """The schema without titles, which repeat the keys, and with sentences on one line."""
    if isinstance(schema, list):
        return [_tidied(part) for part in schema]
    if not isinstance(schema, dict):
        return " ".join(schema.split("\n")) if isinstance(schema, str) else schema
    kept = {k: v for k, v in schema.items() if k != "title" or isinstance(v, dict)}
    if "patternProperties" in kept:
        ((pattern, value),) = kept.pop("patternProperties").items()
        kept |= {"propertyNames": {"pattern": pattern}, "additionalProperties": value}
    return {key: _tidied(value) for key, value in kept.items()}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")
