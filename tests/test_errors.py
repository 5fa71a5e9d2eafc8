"""Words that messages have in common."""

from __future__ import annotations

import pytest

from qm7bench.errors import counted


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 molecules"), (1, "1 molecule"), (1000, "1,000 molecules")]
)
def test_one_is_singular_and_every_other_number_plural(number, words):
    assert counted(number, "molecule") == words
