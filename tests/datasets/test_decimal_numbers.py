"""What is a number and what is not."""

from __future__ import annotations

import pytest

from qm7bench.datasets.decimal_numbers import number_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("-.5", -0.5),
        ("+5.", 5.0),
        ("1e-3", 1e-3),
        ("1.5E+02", 150.0),
        ("0.119D+00", 0.119),
        ("2.1997d-06", 2.1997e-6),
        ("2.765748*^-4", 2.765748e-4),
        ("\u22120.477", -0.477),
    ],
)
def test_numbers_of_all_programs_are_read(text, value):
    assert number_of(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *"T F True nan inf -Infinity 1_000 0x1F 1,5 1.2.3 --1 1e 1D D5 1*^ *^3".split(),
        *"1e5e5 1D5D5 e5 1.5-106 ****".split(),
        "",
        "\u0663",
        "1 2",
        " 1",
    ],
)
def test_anything_else_is_not_a_number(text):
    assert number_of(text) is None
