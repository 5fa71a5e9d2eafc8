"""What a row knows besides the training molecules, which puts it into a class of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def extra_data(metrics: dict[str, Any]) -> str:
    """Names of the data set that was learnt from before, and of the baseline; empty for most rows.

    Parameters
    ----------
    metrics : dict
        Of a fold of the row, or of an ensemble.
    """
    if "extra_data" in metrics:
        return str(metrics["extra_data"])
    pretraining, baseline = metrics.get("pretraining", {}), metrics.get("baseline", {})
    return _joined([pretraining.get("dataset", ""), baseline.get("name", "")])


def extra_data_of_members(members: Iterable[dict[str, Any]]) -> dict[str, str]:
    """What an ensemble's metrics say of it: all that any member knows; nothing for most."""
    names = _joined(extra_data(metrics) for metrics in members)
    return {"extra_data": names} if names else {}


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted({one for name in names for one in name.split(", ") if one}))
