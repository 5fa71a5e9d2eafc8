"""The generated schema of config.yaml: up to date, whole, and right about the shipped file."""

from __future__ import annotations

import difflib

import jsonschema
import pytest
import yaml

from qm7bench.configuration.schema import schema_text

FILE = "workflow/schemas/config.schema.yaml"


@pytest.fixture(scope="module")
def schema():
    return yaml.safe_load(schema_text())


def test_the_schema_in_the_repository_is_the_generated_one(repository):
    written = (repository / FILE).read_text(encoding="utf-8").splitlines()
    lines = difflib.unified_diff(written, schema_text().splitlines(), FILE, "sections.py", n=1)
    difference = "\n".join(lines)
    command = f"python -m qm7bench.configuration.schema {FILE}"
    assert not difference, f"{difference}\nWrite it again: {command}"


def test_every_key_has_a_sentence_and_a_default_unless_it_must_be_given(schema):
    for name, section in {"config.yaml": schema, **schema["$defs"]}.items():
        for key, described in section["properties"].items():
            assert described["description"].endswith("."), (name, key)
            assert "default" in described or key in section["required"], (name, key)


def test_an_editor_accepts_the_shipped_configuration(repository, schema):
    config = yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(config, schema)


@pytest.mark.parametrize(
    "wrong",
    [
        {"datset": "qm7"},
        {"folds": [0, 0]},
        {"folds": [5]},
        {"features": {"Capital": None}},
        {"learning_curves": {"rows": {"a/b": {"size": [10]}}}},
    ],
)
def test_an_editor_marks_what_is_wrong(config, schema, wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**config, **wrong}, schema)
