"""Checkpoints: arrays and JSON in one .npz file, written whole or not at all, never pickled."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path

Arrays = dict[str, NDArray[Any]]
_FACTS = "facts.json"


def write_checkpoint(path: Path, arrays: Mapping[str, NDArray[Any]], facts: Any) -> None:
    """Write arrays and facts (anything JSON can hold) to a temporary name and rename it."""
    text = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **{_FACTS: text}, **arrays)  # type: ignore[arg-type]


def read_checkpoint(path: Path) -> tuple[Arrays, dict[str, Any]] | None:
    """Arrays and facts of a checkpoint, or None if there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return arrays, json.loads(arrays.pop(_FACTS).tobytes())
    except (FileNotFoundError, zipfile.BadZipFile, ValueError, KeyError, EOFError):
        return None
