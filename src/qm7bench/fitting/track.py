"""Data that an entry uses besides its training molecules, which put it on a separate track."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def also_used(metrics: dict[str, Any]) -> str:
    """Names of the pretraining data set, of the baseline and of the representation's method.

    Empty for most entries.

    Parameters
    ----------
    metrics : dict
        Of a fold of the entry, or of an ensemble.
    """
    if "extra_data" in metrics:
        return str(metrics["extra_data"])
    pretraining, baseline = metrics.get("pretraining", {}), metrics.get("baseline", {})
    method = metrics.get("also_uses", "")
    return _joined([pretraining.get("dataset", ""), baseline.get("name", ""), method])


def also_used_by_members(members: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The same for the metrics of an ensemble: all that any member uses; nothing for most."""
    names = _joined(also_used(metrics) for metrics in members)
    return {"extra_data": names} if names else {}


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted({one for name in names for one in name.split(", ") if one}))
