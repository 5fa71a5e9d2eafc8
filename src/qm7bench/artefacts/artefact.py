"""Artefacts: folders of arrays with one metadata JSON, written whole or not at all.

The metadata file is the artefact's handle: it is written last and holds every array's checksum, so
an artefact without it does not exist, and a changed array changes it. Readers check the checksums.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.results_tree import RESULTS, is_result
from qm7bench.errors import ArtefactError, UserError


@dataclass(frozen=True)
class Artefact:
    """Arrays by name, memory-mapped, and what the metadata says of them."""

    arrays: dict[str, NDArray[Any]]
    metadata: dict[str, Any]


def canonical_json(value: Any) -> str:
    """JSON text that is the same for equal values whatever the order of their keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Temporary path beside `path`, renamed to it when the block ends and removed when it fails.

    Raises
    ------
    UserError
        If the disk is full or the folder cannot be written; nothing half-written is left.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        os.chmod(temporary, 0o666 & ~_umask())
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise _explained(error, path) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _explained(error: OSError, path: Path) -> Exception:
    reasons = {
        errno.ENOSPC: "the disk is full; free some space and run again",
        errno.EDQUOT: "the disk quota is used up; free some space and run again",
        errno.EROFS: "the file system is read-only; give a results folder that can be written",
        errno.EACCES: "no permission to write; give a results folder that can be written",
    }
    reason = reasons.get(error.errno or 0)
    return UserError(f"{path}: {reason}") if reason else error


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON with sorted keys, atomically."""
    with atomic_path(path) as temporary:
        text = json.dumps(value, sort_keys=True, indent=1, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    ArtefactError
        If the file is missing or is not a JSON object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ArtefactError(f"{path}: no such file; run the workflow again to make it") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise unreadable(path, ".json", "is not JSON") from error
    if not isinstance(value, dict):
        raise unreadable(path, ".json", "is not a JSON object")
    return value


def write_artefact(
    metadata_path: Path,
    arrays: Mapping[str, NDArray[Any]],
    metadata: Mapping[str, Any],
    kept: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write arrays as `<name>.npy` beside the metadata file, and the metadata last.

    Parameters
    ----------
    kept : mapping, optional
        Arrays that are there already, as described before.

    Returns
    -------
    dict
        Shape, dtype and SHA-256 of each array, which the metadata gain as `arrays`.
    """
    folder = metadata_path.parent
    described = dict(kept or {})
    for name, array in arrays.items():
        with atomic_path(folder / f"{name}.npy") as temporary:
            with temporary.open("wb") as file:
                _write_array(file, np.asarray(array, order="C"))
            digest = sha256_of(temporary)
        described[name] = {"shape": array.shape, "dtype": str(array.dtype), "sha256": digest}
    write_json(metadata_path, {**metadata, "arrays": described})
    return described


def _write_array(file: BinaryIO, array: NDArray[Any]) -> None:
    """Write as `numpy.save` does, but by `file.write`: `tofile` hides why a write failed."""
    if array.dtype.hasobject:
        raise ValueError("an artefact holds numbers and texts, not objects (no pickles)")
    np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
    file.write(array.data)


def read_artefact(metadata_path: Path, names: list[str] | None = None) -> Artefact:
    """Read an artefact, its arrays memory-mapped read-only, after checking their checksums.

    Parameters
    ----------
    names : list of str, optional
        Only these arrays; all by default.

    Raises
    ------
    ArtefactError
        If a file is missing or its bytes are not those that were written. The damaged artefact is
        removed (its metadata file is deleted), so that the next run regenerates it.
    """
    metadata = read_json(metadata_path)
    arrays = {}
    for name, described in metadata.get("arrays", {}).items():
        if names is not None and name not in names:
            continue
        path = metadata_path.parent / f"{name}.npy"
        check_unchanged(path, described["sha256"], handle=metadata_path)
        arrays[name] = np.load(path, mmap_mode="r", allow_pickle=False)
    return Artefact(arrays, metadata)


def check_unchanged(path: Path, sha256: str, handle: Path) -> None:
    """Raise an ArtefactError, and remove the artefact, unless the file has the checksum."""
    if not path.is_file():
        raise damaged(handle, f"names {path.name}, which is missing")
    if sha256_of(path) != sha256:
        raise damaged(handle, f"{path.name} was damaged after it was written (checksum differs)")


def damaged(handle: Path, what: str) -> ArtefactError:
    """Remove the artefact whose handle is given, and return the error to raise."""
    with contextlib.suppress(OSError):
        handle.unlink()
    return ArtefactError(f"{handle}: {what}; it was removed; run again to regenerate it")


def unreadable(path: Path, ending: str, what: str) -> ArtefactError:
    """Return the error to raise for a file of the wrong form; remove it if a job wrote it.

    Any other file was named by mistake, and stays.
    """
    if path.suffix == ending and is_result(path):
        return damaged(path, what)
    if path.suffix == ending:
        return ArtefactError(f"{path}: {what}; give a file that a job wrote, below {RESULTS}/")
    return ArtefactError(f"{path}: {what}; give a file that ends in {ending}")
