"""QM7: 7,165 organic molecules of up to 23 atoms (H C N O S) with PBE0 atomization energies.

Blum & Reymond, J. Am. Chem. Soc. 131, 8732 (2009); Rupp et al., Phys. Rev. Lett. 108, 058301
(2012).
"""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path, sha256_of
from qm7bench.chemistry.distances import pair_distances
from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.datasets.dataset import Dataset, check_dataset
from qm7bench.datasets.folds import NUMBER_OF_FOLDS
from qm7bench.errors import DataSetError

SIZE = 17_884_280
SHA256 = "fd6c26c1086887310518e6a6da778253bc5d3ceb8166007a679a740fff9ee6ea"
ADDRESSES = (
    "http://quantum-machine.org/data/qm7.mat",
    "https://deepchemdata.s3-us-west-1.amazonaws.com/datasets/qm7.mat",
)
SHAPES = {
    "X": (7165, 23, 23),
    "T": (1, 7165),
    "P": (5, 1433),
    "Z": (7165, 23),
    "R": (7165, 23, 3),
}
NETWORK_ERRORS = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError)
ENVIRONMENT_VARIABLE = "QM7_MAT"
LOCAL_FILE = Path("data/qm7.mat")


def local_file() -> Path | None:
    """Return the user's own copy: the file that QM7_MAT names, else `data/qm7.mat` if it exists.

    Raises
    ------
    DataSetError
        If QM7_MAT does not name a file.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise DataSetError(
                f"{ENVIRONMENT_VARIABLE} names {named}, which is not a file; set it to the path of "
                "qm7.mat, or unset it"
            )
        return Path(named)
    return LOCAL_FILE if LOCAL_FILE.is_file() else None


def a_host_answers(seconds: float = 2.0) -> bool:
    """Whether one of the public addresses accepts a connection within the time."""

    def answers(address: str) -> bool:
        parts = urllib.parse.urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            socket.create_connection((str(parts.hostname), port), timeout=seconds).close()
        except OSError:
            return False
        return True

    pool = ThreadPoolExecutor(len(ADDRESSES))
    futures = [pool.submit(answers, address) for address in ADDRESSES]
    pool.shutdown(wait=False)
    with contextlib.suppress(TimeoutError):
        return any(future.result() for future in as_completed(futures, timeout=seconds))
    return False


def download(path: Path = LOCAL_FILE, addresses: tuple[str, ...] = ADDRESSES) -> Path:
    """Fetch `qm7.mat` from the first address that gives the right file.

    Raises
    ------
    DataSetError
        If no address gives it; the message names each address and why it failed.
    """
    failures = []
    for address in addresses:
        try:
            with atomic_path(path) as temporary:
                with urllib.request.urlopen(address, timeout=30) as answer:
                    temporary.write_bytes(answer.read())
                check_file(temporary)
            return path
        except (*NETWORK_ERRORS, DataSetError) as error:
            failures.append(f"{address} ({getattr(error, 'reason', error)})")
    raise DataSetError(
        "qm7.mat could not be downloaded from " + " or ".join(failures) + "; get it by another way "
        f"and set {ENVIRONMENT_VARIABLE} to its path or put it at {LOCAL_FILE}, or use "
        "dataset: qm9small"
    )


def check_file(path: Path, named: bool = False) -> None:
    """Raise a DataSetError unless the file has the size and the checksum of `qm7.mat`.

    Parameters
    ----------
    named : bool
        Whether the user named the file with QM7_MAT; it is then never called a download.
    """
    size = path.stat().st_size
    if size != SIZE:
        what = "incomplete, or another file" if size < SIZE else "another file"
        raise DataSetError(f"{path}: {size:,} bytes, expected {SIZE:,}; {_cure(what, named)}")
    found = sha256_of(path)
    if found != SHA256:
        raise DataSetError(
            f"{path}: sha256 {found[:16]}..., expected {SHA256[:16]}...; "
            f"{_cure('damaged, or another file', named)}"
        )


def _cure(what: str, named: bool) -> str:
    if named:
        return (
            f"the file that {ENVIRONMENT_VARIABLE} names is {what}; set {ENVIRONMENT_VARIABLE} to "
            "the genuine qm7.mat, or unset it"
        )
    return (
        f"it is {what}. If it is a download, delete it and run again; or set "
        f"{ENVIRONMENT_VARIABLE} to the genuine qm7.mat"
    )


def load_qm7() -> tuple[Dataset, dict[str, Any]]:
    """Load QM7 from the user's copy or from its public addresses, checked in every way.

    Returns
    -------
    Dataset
        Positions in Angstrom, energies in kcal/mol, the predefined folds.
    dict
        Where it came from.
    """
    path = local_file() or download()
    check_file(path, named=bool(os.environ.get(ENVIRONMENT_VARIABLE)))
    dataset = parse(read_mat(path))
    return dataset, {"file": "qm7.mat", "sha256": SHA256, "addresses": list(ADDRESSES)}


def read_mat(path: Path) -> dict[str, NDArray[Any]]:
    """Read the five arrays of a `qm7.mat` and check their shapes.

    Raises
    ------
    DataSetError
        If it is not a MAT file, an array is missing, or a shape is not as expected.
    """
    import scipy.io

    try:
        arrays = scipy.io.loadmat(path)
    except Exception as error:
        raise DataSetError(f"{path}: not a readable MAT file ({error})") from error
    for name, shape in SHAPES.items():
        if name not in arrays:
            raise DataSetError(f"{path}: array {name} is missing; it is not the QM7 file")
        if arrays[name].shape != shape:
            raise DataSetError(f"{path}: {name} has shape {arrays[name].shape}, expected {shape}")
    return {name: arrays[name] for name in SHAPES}


def parse(arrays: dict[str, NDArray[Any]]) -> Dataset:
    """Make a Dataset of the arrays X, T, P, Z, R of `qm7.mat`; Bohr become Angstrom here.

    Raises
    ------
    DataSetError
        If the folds do not partition the molecules, an energy is not finite, or the Coulomb
        matrices X disagree with charges and positions.
    """
    charges = np.rint(arrays["Z"]).astype(np.int64)
    n = len(charges)
    if not np.array_equal(np.sort(arrays["P"].ravel()), np.arange(n)):
        raise DataSetError("qm7: the folds P do not partition the molecules")
    folds = np.empty(n, dtype=np.int64)
    for fold, members in enumerate(arrays["P"]):
        folds[members] = fold
    dataset = Dataset(
        name="qm7",
        ids=np.arange(n),
        charges=charges,
        positions=arrays["R"].astype(np.float64) * ANGSTROM_PER_BOHR,
        energies=arrays["T"].ravel().astype(np.float64),
        folds=folds,
    )
    check_dataset(dataset, NUMBER_OF_FOLDS)
    _check_coulomb_matrices(arrays["X"], dataset)
    return dataset


def _check_coulomb_matrices(stored: NDArray[Any], dataset: Dataset) -> None:
    """Compare sorted entries, as X is in another order of atoms than Z and R."""
    distances = pair_distances(dataset.charges, dataset.positions) / ANGSTROM_PER_BOHR
    charges = dataset.charges.astype(np.float64)
    rebuilt = charges[:, :, None] * charges[:, None, :] / distances
    diagonal = np.arange(charges.shape[1])
    rebuilt[:, diagonal, diagonal] = 0.5 * charges**2.4
    n = len(dataset)
    difference = np.sort(rebuilt.reshape(n, -1)) - np.sort(stored.reshape(n, -1).astype(float))
    worst = np.abs(difference).max(axis=1)
    if worst.max() > 1e-3:
        raise DataSetError(
            f"qm7: the Coulomb matrix of molecule {int(worst.argmax())} disagrees with its charges "
            f"and positions by {worst.max():.3g} Hartree"
        )
