"""Files of a shipped model: arrays and JSON with checksums, and a card to read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path, canonical_json, sha256_of, write_json
from qm7bench.artefacts.results_tree import FitFiles
from qm7bench.errors import ArtefactError

Arrays = dict[str, NDArray[Any]]

PACKAGE = Path(__file__).parent
"""Folder of the models' folders."""
PREFERRED = ("qm9", "qm7")
"""Models that are chosen by themselves; the first where several know a file equally well."""
MODELS = (*PREFERRED, "qm9_gfn2_xtb", "qm7_gfn2_xtb")
"""Names of all models that ship; the others need a further package and are asked for by name."""
KIND = "shipped model"
CHECKSUM = "description_sha256"
"""Key of the description's own checksum, which is over everything else that it says."""


@dataclass(frozen=True)
class ShippedFiles:
    """Where a shipped model is."""

    folder: Path

    @property
    def description(self) -> Path:
        """JSON of what the model is; the handle of the folder."""
        return FitFiles(self.folder).model

    @property
    def arrays(self) -> Path:
        """Arrays of the model."""
        return FitFiles(self.folder).arrays

    @property
    def card(self) -> Path:
        """Model card."""
        return self.folder / "card.md"

    def is_there(self) -> bool:
        """Whether the folder says that it holds a shipped model; nothing is checked."""
        try:
            text = self.description.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        return f'"kind": "{KIND}"' in text

    def write(self, arrays: Mapping[str, NDArray[Any]], description: dict[str, Any]) -> None:
        """Write arrays, and the description with both checksums."""
        with atomic_path(self.arrays) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        whole = {**description, "kind": KIND, "arrays_sha256": sha256_of(self.arrays)}
        write_json(self.description, {**whole, CHECKSUM: _digest(whole)})

    def read(self) -> tuple[Arrays, dict[str, Any]]:
        """Arrays and description, after checking both checksums.

        Raises
        ------
        ArtefactError
            If a file is missing or not what was written. Nothing is removed.
        """
        description = self.read_description()
        if not self.arrays.is_file() or sha256_of(self.arrays) != description["arrays_sha256"]:
            raise self._damaged(self.arrays)
        with np.load(self.arrays, allow_pickle=False) as file:
            return dict(file), description

    def read_description(self) -> dict[str, Any]:
        """Description alone, after checking its checksum; see `read`."""
        if not self.description.is_file():
            raise self._damaged(self.description)
        try:
            description = dict(json.loads(self.description.read_text(encoding="utf-8")))
        except (TypeError, ValueError) as error:
            raise self._damaged(self.description) from error
        own = {key: value for key, value in description.items() if key != CHECKSUM}
        if description.get(CHECKSUM) != _digest(own):
            raise self._damaged(self.description)
        return description

    def _damaged(self, path: Path) -> ArtefactError:
        what = "was damaged (its checksum differs)" if path.is_file() else "is missing"
        return ArtefactError(
            f"{path} {what}; install qm7bench again, or make its models again with `make models`"
        )


def _digest(description: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_json(description).encode()).hexdigest()


def names() -> list[str]:
    """Shipped models that are in this package, in the order of `MODELS`."""
    return [name for name in MODELS if files_of(name).description.is_file()]


def files_of(name: str) -> ShippedFiles:
    """Files of a model in the package."""
    return ShippedFiles(PACKAGE / name)
