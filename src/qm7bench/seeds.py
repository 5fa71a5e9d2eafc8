"""Seeds that depend on what is computed, never on the order in which jobs run."""

from __future__ import annotations

import hashlib


def derived_seed(*parts: object) -> int:
    """Seed below 2**31 from a sequence such as (dataset, feature, model, fold, seed)."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
