"""Benchmark of machine learning on molecular atomization energies, and predictions of them."""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it; importing `typing` takes longer than all of this
if TYPE_CHECKING:
    from typing import Any

    from qm7bench.shipped.in_python import predict as predict


def __getattr__(name: str) -> Any:
    """Find `qm7bench.predict` when it is asked for, so that importing the package costs nothing."""
    if name != "predict":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from qm7bench.shipped.in_python import predict

    return predict
