"""A data set as an artefact: a table of molecules, charges, positions and metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qm7bench.artefacts.artefact import (
    check_unchanged,
    read_artefact,
    sha256_of,
    write_artefact,
    write_json,
)
from qm7bench.artefacts.parquet import read_table, write_table
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ArtefactError

MOLECULES = "molecules.parquet"
DUPLICATES = "duplicates.json"


def write_dataset(
    metadata_path: Path,
    dataset: Dataset,
    made_from: dict[str, Any],
    duplicates: dict[str, Any] | None = None,
) -> None:
    """Write a data set.

    Parameters
    ----------
    made_from : dict
        Where it came from, with the file's checksum.
    duplicates : dict, optional
        What is known of its copies, see `datasets.duplicates`; written to `duplicates.json`.
    """
    if duplicates is not None:
        # Not in the metadata, whose checksum says which molecules a fit was made from.
        write_json(metadata_path.with_name(DUPLICATES), duplicates)
    molecules = metadata_path.parent / MOLECULES
    columns = {
        "id": dataset.ids,
        "formula": dataset.formulas(),
        "atoms": dataset.sizes,
        "energy": dataset.energies,
        "fold": dataset.folds,
    }
    write_table(molecules, columns)
    metadata = {
        "kind": "dataset",
        "name": dataset.name,
        "molecules": len(dataset),
        "elements": dataset.elements,
        "units": {"positions": "Angstrom", "energy": "kcal/mol"},
        "made_from": made_from,
        "molecules_sha256": sha256_of(molecules),
    }
    arrays = {"charges": dataset.charges, "positions": dataset.positions}
    write_artefact(metadata_path, arrays, metadata)


def read_dataset(metadata_path: Path) -> Dataset:
    """Read a data set.

    Raises
    ------
    ArtefactError
        If a file is missing or damaged, or the metadata are not those of a data set.
    """
    artefact = read_artefact(metadata_path)
    if "molecules_sha256" not in artefact.metadata:
        raise ArtefactError(f"{metadata_path}: not a data set; give the metadata.json of one")
    path = metadata_path.parent / MOLECULES
    check_unchanged(path, artefact.metadata["molecules_sha256"], handle=metadata_path)
    molecules = read_table(path)
    return Dataset(
        name=artefact.metadata["name"],
        ids=molecules["id"],
        charges=artefact.arrays["charges"],
        positions=artefact.arrays["positions"],
        energies=molecules["energy"],
        folds=molecules["fold"],
    )
