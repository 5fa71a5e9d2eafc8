"""Numbers as users and their programs write them; anything else is not a number."""

from __future__ import annotations

import re

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
"""Pattern of a decimal number: no `nan`, no `inf`, no `1_000`, no digits of other scripts."""

_NUMBER = re.compile(NUMBER)
_EXPONENT = re.compile(r"[dD](?=[+-]?[0-9]+$)|\*\^(?=[+-]?[0-9]+$)")


def number_of(text: str) -> float | None:
    """Value of a text, or None if it is not a number.

    Exponents of Fortran (`1D-06`) and Mathematica (`1*^-6`) and the minus sign of typesetters
    (U+2212) are read too.
    """
    if _NUMBER.fullmatch(text):
        return float(text)
    plain = _EXPONENT.sub("e", text.replace("\u2212", "-"))
    return float(plain) if _NUMBER.fullmatch(plain) else None
