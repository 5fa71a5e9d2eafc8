"""The family of a model: kernel, network, linear, neighbours, mean, or what a plug-in names."""

from __future__ import annotations

from qm7bench.registry.members import declared_member

UNNAMED = "other"
ENSEMBLE = "ensemble"


def family_of(module: str) -> str:
    """Family that a model's class names as its member `family`, read without importing it.

    Parameters
    ----------
    module : str
        Name of the model's module, or "ensemble".

    Returns
    -------
    str
        "ensemble" of an ensemble; "other" where the class names none, or is no longer there.
    """
    if module == ENSEMBLE:
        return ENSEMBLE
    return str(declared_member("models", module, "family") or UNNAMED)
