"""The page of the configuration, from a schema."""

from __future__ import annotations

import pytest
import yaml

from qm7bench.documentation.configuration import configuration_page

SCHEMA = """
properties:
  seed: {type: integer, default: 0, description: Changes every draw.}
  budget: {enum: [quick, full], default: full}
  models:
    description: Models by name.
    additionalProperties:
      required: [features]
      properties:
        features: {type: array, items: {type: string}, description: What it is trained on.}
        gamma: {anyOf: [{type: number, exclusiveMinimum: 0}, {type: "null"}], default: null}
        resources: {$ref: "#/$defs/resources"}
$defs:
  resources:
    description: What one job needs.
    properties:
      mem_mb: {type: integer, minimum: 1, maximum: 9, default: 2, description: "a | b"}
"""


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "schema.yaml"
    path.write_text(SCHEMA, encoding="utf-8")
    return configuration_page(path)


def test_a_single_value_has_its_meaning_type_and_default(text):
    assert "## seed\n\nChanges every draw.\n\nAn integer; default `0`.\n" in text
    assert '## budget\n\n`quick` or `full`; default `"full"`.\n' in text


def test_keys_below_a_key_stand_in_a_table_with_limits_and_references_filled_in(text):
    assert (
        "| `models.NAME.features` | a list, each a text | required | What it is trained on. |"
        in text
    )
    assert "| `models.NAME.gamma` | a number more than 0 | no default |  |" in text
    assert (
        "| `models.NAME.resources.mem_mb` | an integer at least 1 and at most 9 | `2` | a \\| b |"
        in text
    )


def test_every_key_of_the_real_schema_is_on_the_page(repository):
    text = (repository / "docs" / "configuration.md").read_text(encoding="utf-8")
    for key in yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8")):
        assert f"\n## {key}\n" in text
    path = repository / "workflow" / "schemas" / "config.schema.yaml"
    schema = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(schema["properties"]) == {
        line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")
    }
