"""What there is: qm7bench's version, a GPU, and which extra brings a package that is missing."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from pathlib import Path

from qm7bench.errors import MissingPackageError

EXTRAS = {
    "qm9": ("qm9pack",),
    "workflow": (
        "numba",
        "pandas",
        "pyarrow",
        "pydantic",
        "qm9pack",
        "sklearn",
        "snakemake",
        "yaml",
    ),
    "networks": ("torch", "torch_geometric", "tqdm"),
    "xtb": ("tblite",),
}
"""Packages, by the name by which they are imported, that each extra of pyproject.toml brings.

The base has NumPy, SciPy and ASE, and for the pages of scores Jinja2 and Matplotlib, which ASE
brings anyway. Of several extras a message names the first.
"""


GPU_DEVICES = ("nvidia[0-9]*", "kfd", "dxg")  # of CUDA, of ROCm, and of CUDA under WSL


def has_gpu(devices: Path = Path("/dev")) -> bool:
    """Whether this machine has a GPU, told by its device files."""
    return any(next(devices.glob(pattern), None) for pattern in GPU_DEVICES)


def version() -> str:
    """Version of the installed qm7bench; a text that says so where it is not installed."""
    from importlib import metadata

    try:
        return metadata.version("qm7bench")
    except metadata.PackageNotFoundError:
        return "(not installed: version unknown)"


@contextlib.contextmanager
def naming_the_extra() -> Iterator[None]:
    """Turn the failed import of an extra's package, anywhere in the block, into a user's error.

    Raises
    ------
    MissingPackageError
        If the package is not installed; the message has the command that installs its extra.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if extra_of(package) is None:
            raise
        raise missing(package) from error


def require(package: str) -> None:
    """Raise a MissingPackageError unless a package can be imported."""
    with naming_the_extra():
        importlib.import_module(package)


def missing(package: str) -> MissingPackageError:
    """Error that says which extra brings a package."""
    return MissingPackageError(
        f"this needs the package {package}, which is not installed; run: "
        f'pip install "qm7bench[{extra_of(package)}]"'
    )


def extra_of(package: str) -> str | None:
    """First extra that brings a package; None if the package is of the base or not of ours."""
    return next((extra for extra, packages in EXTRAS.items() if package in packages), None)
