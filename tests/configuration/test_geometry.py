"""Relaxed molecules in the configuration: whose predictions, and errors."""

from __future__ import annotations

import pytest

from qm7bench.configuration.settings import load_settings
from qm7bench.errors import ConfigurationError


def test_without_the_section_every_entry_is_meant(config):
    found = load_settings(config).geometry
    assert (found.molecules, found.rows) == (300, [])


def test_what_the_section_says_holds(config):
    found = load_settings({**config, "geometry": {"molecules": 20, "rows": ["*/my_ridge"]}})
    assert (found.geometry.molecules, found.geometry.rows) == (20, ["*/my_ridge"])


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ({"molecules": 0}, "geometry.molecules is 0; give a number >= 1"),
        ({"row": []}, "unknown key geometry.row; did you mean 'rows'?"),
        (
            {"rows": ["eigenspectrum/my_ridge", "eigenspectrum/my_rigde"]},
            "geometry.rows[1]: no entry is named 'eigenspectrum/my_rigde'; did you mean "
            "'eigenspectrum/my_ridge'?",
        ),
    ],
)
def test_each_error_has_a_line(config, section, line):
    with pytest.raises(ConfigurationError) as caught:
        load_settings({**config, "geometry": section})
    assert str(caught.value).startswith(f"config.yaml: {line}")
