"""SMILES and InChI: told apart from XYZ, to say that they have no geometry and how to make one."""

from __future__ import annotations

import re
import shlex

from qm7bench.datasets.text_file import shown
from qm7bench.errors import DataSetError

_ATOM = r"(?:\[[^\[\]\s]+\]|Br|Cl|[BCNOPSFIbcnops])"
_SMILES = re.compile(rf"{_ATOM}(?:{_ATOM}|[-=#$:/\\.()%0-9~*])*")
_INCHI = re.compile(r"InChI=\S+")


def notation_of(word: str) -> str | None:
    """`smi` if a word can be a SMILES string, `inchi` if an InChI, None if neither."""
    if _INCHI.fullmatch(word):
        return "inchi"
    return "smi" if _SMILES.fullmatch(word) else None


def needs_a_geometry(source: str, notation: str, is_file: bool) -> DataSetError:
    """Error for a word, or a file of words, in a line notation, with the command that helps.

    Parameters
    ----------
    source : str
        The word, or the path of the file.
    notation : str
        As `notation_of` gives it.
    """
    name = {"smi": "SMILES", "inchi": "InChI"}[notation]
    given = source if is_file else f"-:{source}"
    output = "molecules.xyz" if is_file else "molecule.xyz"
    what = f"holds {name}, which has" if is_file else f"no such file; {name} has"
    return DataSetError(
        f"{shown(source)}: {what} no coordinates, and a prediction needs a geometry; make one, for "
        f"example with Open Babel: obabel -i{notation} {shlex.quote(given)} --gen3d -O {output}"
    )
