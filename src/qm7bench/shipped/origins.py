"""What the energies of the shipped models are, and for which geometries: facts of their data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """What a model inherits from the data set that it was fitted to.

    Attributes
    ----------
    energies : str
        The method, and whether they are electronic or hold zero-point vibration.
    free_atoms : str
        Atoms that the energies are relative to.
    geometry : str
        Geometries of the data set, which the model expects.
    geometry_details : str
        Where that is known from.
    licence : str
    citation : str
    """

    energies: str
    free_atoms: str
    geometry: str
    geometry_details: str
    licence: str
    citation: str


ORIGINS = {
    "qm7": Origin(
        energies="PBE0 atomization energies, electronic: without zero-point vibration",
        free_atoms="free atoms in PBE0, as in qm7.mat",
        geometry="of the MMFF94 force field, as Open Babel and RDKit make them",
        geometry_details="Bond lengths in qm7.mat differ by 0.0003 Angstrom (median over 60 "
        "molecules of their mean absolute difference) from those that RDKit's MMFF94 relaxes them "
        "to, and by 0.017 from those of UFF (`benchmarks/geometries_of_qm7.py`).",
        licence="`qm7.mat` has no licence statement; it is not part of qm7bench.",
        citation="Blum & Reymond, J. Am. Chem. Soc. 131, 8732 (2009); Rupp, Tkatchenko, Müller & "
        "von Lilienfeld, Phys. Rev. Lett. 108, 058301 (2012).",
    ),
    "qm9": Origin(
        energies="B3LYP/6-31G(2df,p) atomization energies at 0 K, with zero-point vibration",
        free_atoms="free atoms in B3LYP/6-31G(2df,p)",
        geometry="relaxed with B3LYP/6-31G(2df,p)",
        geometry_details="Ramakrishnan et al. (2014) relaxed every molecule with it.",
        licence="QM9 is CC0; it is read from the package qm9pack.",
        citation="Ramakrishnan, Dral, Rupp & von Lilienfeld, Sci. Data 1, 140022 (2014).",
    ),
}
"""By the name of the data set, which is the name of the model."""
