"""The pages of representations and models."""

from __future__ import annotations

import pytest

from qm7bench.documentation.plugins import escaped, page
from qm7bench.registry.modules import known, parameters_of


@pytest.mark.parametrize("kind", ["features", "models"])
def test_every_feature_and_model_has_a_section_with_its_parameters(kind):
    text = page(kind)
    for name in known(kind):
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for parameter in parameters_of(kind, name):
            assert f"\n| `{parameter}` | " in section


def test_a_parameter_has_what_the_docstring_says_of_it():
    assert "| `layers` | an integer > 0 | `3` | Rounds of messages and updates. |" in page("models")


def test_no_section_of_parameters_is_left_as_text():
    assert "**Parameters**" not in page("features") + page("models")


def test_what_markdown_would_read_as_emphasis_is_escaped_outside_of_code():
    assert escaped("Z**2 |x_i| `a_b|*`") == r"Z\*\*2 \|x\_i\| `a_b|*`"
