"""Names of entries in words, spelled as the field does."""

from __future__ import annotations

import re

_WRITTEN = (
    "PaiNN TensorNet SchNet DimeNet FCHL19 Coulomb Gaussian Laplacian Matérn GNN L1 Euclidean "
    "Hückel QM7 QM9"
)
SPELLINGS = {name.lower(): name for name in _WRITTEN.split()}
SPELLINGS |= {"matern": "Matérn", "huckel": "Hückel", "gfn2": "GFN2-xTB"}


def in_words(name: str) -> str:
    """`sorted_coulomb_matrix` as "sorted Coulomb matrix", `gfn2_xtb` as "GFN2-xTB"."""
    text = name.replace("gfn2_xtb", "gfn2").replace("_", " ")
    return re.sub(r"\w+", lambda word: SPELLINGS.get(word[0], word[0]), text)
