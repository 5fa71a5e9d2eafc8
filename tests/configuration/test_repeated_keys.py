"""Keys that stand twice in config.yaml, of which YAML would keep the last."""

from __future__ import annotations

import pytest

from qm7bench.configuration.repeated_keys import refuse_repeated_keys
from qm7bench.errors import ConfigurationError


@pytest.fixture
def errors(tmp_path):
    """Lines of the error that a file makes, without its path."""

    def of(text):
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            refuse_repeated_keys(path)
        except ConfigurationError as error:
            return [line.removeprefix(f"{path}: ") for line in str(error).splitlines()]
        return []

    return of


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("seed: 1\n\nseed: 2\n", "the key seed stands twice, in lines 1 and 3; keep one"),
        (
            "models:\n  ridge:\n    grid: {}\n  ridge:\n    grid: {}\n",
            "the key models.ridge stands twice, in lines 2 and 4; keep one",
        ),
        ("grid: {a: [1], a: [2]}\n", "the key grid.a stands twice, in lines 1 and 1; keep one"),
        ("x: [{a: 1,\n a: 2}]\n", "the key x[0].a stands twice, in lines 1 and 2; keep one"),
    ],
)
def test_a_key_that_stands_twice_is_an_error_that_names_both_lines(errors, text, line):
    assert errors(text) == [line]


def test_every_such_key_is_named(errors):
    assert len(errors("a: 1\na: 2\nb: {c: 1, c: 2}\n")) == 2


def test_the_same_name_in_two_sections_is_no_error(errors):
    assert errors("a: {x: 1}\nb: {x: 2}\nc: &c {x: 3}\nd: {<<: *c, x: 4}\n") == []


def test_an_empty_file_holds_no_key_twice(errors):
    assert errors("# nothing\n") == []


def test_the_shipped_file_holds_no_key_twice(repository):
    refuse_repeated_keys(repository / "config.yaml")
