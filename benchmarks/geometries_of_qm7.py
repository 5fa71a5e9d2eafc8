"""Which method QM7's geometries are of: bond lengths before and after force fields relax them.

usage: QM7_MAT=qm7.mat python benchmarks/geometries_of_qm7.py
"""

from __future__ import annotations

import numpy as np
from rdkit import Chem, RDLogger
from rdkit.Chem import AllChem, rdDetermineBonds

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.datasets.qm7 import load_qm7

EVERY = 120
STEPS = 5000


def molecule(charges, positions):
    """RDKit's molecule with these atoms, and the bonds that it finds; None if it finds none."""
    lines = [
        f"{SYMBOLS[z]} {x:.6f} {y:.6f} {z_:.6f}"
        for z, (x, y, z_) in zip(charges, positions, strict=True)
    ]
    found = Chem.MolFromXYZBlock("\n".join([str(len(lines)), "", *lines]))
    try:
        rdDetermineBonds.DetermineBonds(found, charge=0)
    except ValueError:
        return None
    return found


def relaxed(found, force_field):
    """Positions (n, 3) in Angstrom after the relaxation, or None if it did not converge."""
    copy = Chem.Mol(found)
    if force_field == "UFF":
        status = AllChem.UFFOptimizeMolecule(copy, maxIters=STEPS)
    else:
        status = AllChem.MMFFOptimizeMolecule(copy, force_field, maxIters=STEPS)
    return copy.GetConformer().GetPositions() if status == 0 else None


def lengths(found, positions):
    """Bond lengths in Angstrom."""
    ends = np.array([(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in found.GetBonds()])
    return np.linalg.norm(positions[ends[:, 0]] - positions[ends[:, 1]], axis=1)


def main():
    RDLogger.DisableLog("rdApp.*")
    dataset, _ = load_qm7()
    differences = {"MMFF94": [], "UFF": []}
    for i in range(0, len(dataset), EVERY):
        size = dataset.sizes[i]
        positions = dataset.positions[i, :size]
        found = molecule(dataset.charges[i, :size].tolist(), positions)
        for force_field, known in differences.items():
            after = None if found is None else relaxed(found, force_field)
            if after is not None:
                before = lengths(found, positions)
                known.append(np.abs(before - lengths(found, after)).mean())
    for force_field, known in differences.items():
        print(
            f"{force_field}: {len(known)} molecules, median of the mean absolute difference of "
            f"bond lengths {np.median(known):.4f} Angstrom"
        )


if __name__ == "__main__":
    main()
