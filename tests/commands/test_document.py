"""The pages of features and models."""

from pathlib import Path

import pytest

from qm7bench.commands.document import page
from qm7bench.registry.modules import known

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("kind", ["features", "models"])
def test_pages_are_those_of_the_docstrings(kind):
    assert (DOCS / f"{kind}.md").read_text(encoding="utf-8") == page(kind), (
        "run: qm7bench document --output docs"
    )


@pytest.mark.parametrize("kind", ["features", "models"])
def test_every_feature_and_model_has_a_section_with_its_parameters(kind):
    text = page(kind)
    for name in known(kind):
        assert f"\n## {name}\n" in text
    assert "| standardize | true or false | False |" in page("models")
