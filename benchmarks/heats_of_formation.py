"""Make the table of measured heats of formation: ATcT's molecules that QM9 has.

The Active Thermochemical Tables come with the package `chemicals` (MIT licence). Installed it takes
71 MB, most of them identifiers, so that the 38 lines are kept in the repository instead. A molecule
of both is one with the same InChI; QM9's has no stereochemistry. `--check` compares the committed
table and the constants of the free atoms, and writes nothing.

    pip install --no-deps chemicals==1.5.2
    python benchmarks/heats_of_formation.py --check
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import io
import sys
from pathlib import Path

import numpy as np

from qm7bench.beyond.experiment import ATOMS_AT_0_K, TABLE
from qm7bench.chemistry.elements import CHARGES, SYMBOLS, formula
from qm7bench.chemistry.units import KCAL_PER_MOL_PER_HARTREE
from qm7bench.datasets.qm9 import FILES, FREE_ATOMS_HARTREE

ATCT = "Reactions/ATcT 1.112 (g).tsv"
IDENTIFIERS = (
    "Identifiers/chemical identifiers pubchem large.tsv",
    "Identifiers/chemical identifiers pubchem small.tsv",
    "Identifiers/chemical identifiers example user db.tsv",
    "Identifiers/Inorganic db.tsv",
)
CAS, INCHI = 1, 5
COLUMNS = (
    "id",
    "name",
    "cas",
    "formula",
    "heat_kj_per_mol",
    "uncertainty_kj_per_mol",
    "reference_energy_kcal_per_mol",
    "thermal_correction_kcal_per_mol",
)


def folder_of(package):
    """Folder of an installed package, which is not imported; ends the program if there is none."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        sys.exit(f"{package} is not installed: pip install --no-deps {package}")
    return Path(found.origin).parent


def measured(folder):
    """Lines of ATcT by the Chemical Abstracts Service's number."""
    with (folder / ATCT).open(encoding="utf-8", newline="") as file:
        return {line["CAS"]: line for line in csv.DictReader(file, delimiter="\t")}


def by_inchi(folder, wanted):
    """Numbers of the Chemical Abstracts Service by InChI, of those that are wanted."""
    found = {}
    for name in IDENTIFIERS:
        with (folder / name).open(encoding="utf-8") as file:
            for line in file:
                values = line.split("\t", INCHI + 1)
                if values[CAS] in wanted:
                    found.setdefault(f"InChI=1S/{values[INCHI]}", values[CAS])
    return found


def qm9_lines(folder, inchis):
    """Lines of QM9's files whose InChI is one of these."""
    for name in FILES:
        with (folder / "data" / name).open(encoding="utf-8", newline="") as file:
            yield from (line for line in csv.DictReader(file) if line["InChi"] in inchis)


def line_of(qm9, atct):
    """A line of the table."""
    symbols = qm9["Elements"].strip("[]").replace("'", "").replace(" ", "").split(",")
    charges = np.array([CHARGES[symbol] for symbol in symbols])
    energy = float(qm9["InternalEnergy_0K_au"])
    atomization = energy - sum(FREE_ATOMS_HARTREE[z] for z in charges.tolist())
    warming = float(qm9["Enthalphy_298K_au"]) - energy
    return {
        "id": int(qm9["Index"]),
        "name": atct["Chemical"],
        "cas": atct["CAS"],
        "formula": formula(charges),
        "heat_kj_per_mol": f"{float(atct['Hfg']) / 1000:.3f}",
        "uncertainty_kj_per_mol": f"{float(atct['uncertainty']) / 1000:.3f}",
        "reference_energy_kcal_per_mol": f"{atomization * KCAL_PER_MOL_PER_HARTREE:.4f}",
        "thermal_correction_kcal_per_mol": f"{warming * KCAL_PER_MOL_PER_HARTREE:.4f}",
    }


def table(chemicals, qm9pack):
    """Text of the table."""
    atct = measured(chemicals)
    numbers = by_inchi(chemicals, atct)
    lines = [line_of(q, atct[numbers[q["InChi"]]]) for q in qm9_lines(qm9pack, numbers)]
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(lines, key=lambda line: line["id"]))
    return text.getvalue()


def wrong_atoms(chemicals):
    """Symbols of the free atoms whose constant in the package is not ATcT's."""
    found = {
        line["Formula"]: float(line["Hfg_0K"] or "nan") for line in measured(chemicals).values()
    }
    return [SYMBOLS[z] for z, kj in ATOMS_AT_0_K.items() if found[f"{SYMBOLS[z]} (g)"] != 1000 * kj]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    chemicals = folder_of("chemicals")
    made, atoms = table(chemicals, folder_of("qm9pack")), wrong_atoms(chemicals)
    if atoms:
        sys.exit(f"free atoms that are not ATcT's: {' '.join(atoms)}")
    if not options.check:
        TABLE.write_text(made, encoding="utf-8")
    elif TABLE.read_text(encoding="utf-8") != made:
        sys.exit(f"{TABLE} is not what the packages give: run without --check")
    print(f"{TABLE}: {made.count(chr(10)) - 1} molecules")


if __name__ == "__main__":
    main()
