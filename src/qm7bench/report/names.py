"""Names of rows in words, with the capitals that the field writes."""

from __future__ import annotations

_WRITTEN = (
    "PaiNN TensorNet SchNet DimeNet FCHL19 Coulomb Gaussian Laplacian Matern GNN L1 Euclidean "
    "Huckel GFN2 xTB"
)
CAPITALS = {name.lower(): name for name in _WRITTEN.split()}


def in_words(name: str) -> str:
    """`sorted_coulomb_matrix` as "sorted Coulomb matrix"."""
    return " ".join(CAPITALS.get(word, word) for word in name.split("_"))
