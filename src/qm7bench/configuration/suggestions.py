"""Names that a user may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def suggestion(name: str, allowed: Sequence[str]) -> str:
    """Nearest of the allowed names, if one is near, and all of them: the end of a message."""
    near = difflib.get_close_matches(name, allowed, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ";"
    return f"{hint} Known: {', '.join(allowed)}"
