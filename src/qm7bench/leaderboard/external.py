"""External entries: predictions that others made, scored here and not run again.

Each has two files of its own in `results/published/{dataset}/external/`: `NAME.json`, who made it
and how, with its errors, and `NAME.csv`, its predictions (id, fold, prediction; no energies, which
are the data set's). They are read without pandas and PyArrow.
"""

from __future__ import annotations

import csv
import html
import io
import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path, read_json, sha256_of, write_json
from qm7bench.artefacts.results_tree import ExternalFiles
from qm7bench.errors import ArtefactError, UserError

TITLE = "External, not re-run"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
LONGEST = 200
"""Characters of a description."""
HEAD = ["entry", "method", "author", "training data", "folds", "MAE", "RMSE", "molecules"]


@dataclass(frozen=True)
class ExternalEntry:
    """What is known of an external entry.

    Attributes
    ----------
    name : str
        Also of its files.
    author, method, training_data, link : str
        As those say who made it; the link is an address on the web.
    dataset : str
    predefined_folds : bool
        Whether the folds are the data set's own.
    molecules : int
        Of the data set.
    by_fold : list of dict
        Errors of each fold in kcal/mol, as `evaluation.metrics.measured` gives them, and `fold`.
    qm7bench : str
        Version that scored it.
    """

    name: str
    author: str
    method: str
    training_data: str
    link: str
    dataset: str
    predefined_folds: bool
    molecules: int
    by_fold: list[dict[str, Any]]
    qm7bench: str

    @property
    def mae(self) -> float:
        """Mean over folds, in kcal/mol."""
        return float(np.mean([line["mae"] for line in self.by_fold]))

    @property
    def rmse(self) -> float:
        """Mean over folds, in kcal/mol."""
        return float(np.mean([line["rmse"] for line in self.by_fold]))

    @property
    def predicted(self) -> int:
        """Number of molecules that have a prediction."""
        return sum(line["test_molecules"] - line["unpredicted"] for line in self.by_fold)

    def cells(self) -> list[str]:
        """Its line of a table with the columns `HEAD`."""
        errors = []
        for name in ("mae", "rmse"):
            values = [line[name] for line in self.by_fold]
            spread = f" ± {np.std(values):.3f}" if len(values) > 1 else ""
            errors.append(f"{np.mean(values):.3f}{spread}")
        predicted = f"{self.predicted:,}"
        if self.predicted < self.molecules:
            predicted += f" of {self.molecules:,}"
        folds = "predefined" if self.predefined_folds else f"{len(self.by_fold)} of its own"
        who = [self.name, self.method, self.author, self.training_data]
        return [*who, folds, *errors, predicted]


def check_described(entry: ExternalEntry) -> None:
    """Raise a UserError unless name and descriptions can stand in file names and tables."""
    if not NAME.fullmatch(entry.name):
        raise UserError(
            f"--save {entry.name}: a name has letters, digits, and _ . - between, at most 60"
        )
    for option in ("author", "method", "training_data"):
        text = getattr(entry, option)
        if not text.strip() or len(text) > LONGEST or not text.isprintable():
            raise UserError(
                f"--{option.replace('_', '-')}: give a text of one line, at most {LONGEST} "
                "characters"
            )
    if not _is_address(entry.link):
        raise UserError(f"--link {entry.link}: give the address of a paper or of code, https://...")


def _is_address(link: str) -> bool:
    parts = urllib.parse.urlsplit(link)
    plain = not re.search(r"[\s<>\"'()|\\]", link) and link.isprintable()
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain


def write_external(
    files: ExternalFiles,
    entry: ExternalEntry,
    ids: NDArray[np.int64],
    folds: NDArray[np.int64],
    predictions: NDArray[np.float64],
) -> None:
    """Write an entry's two files.

    Raises
    ------
    UserError
        If the name is taken, or a description is missing.
    """
    check_described(entry)
    if files.entry(entry.name).exists():
        raise UserError(
            f"{files.entry(entry.name)}: exists; give another name, or remove the file and "
            f"{files.predictions(entry.name).name} first"
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "fold", "prediction"))
    writer.writerows(zip(ids.tolist(), folds.tolist(), predictions.tolist(), strict=True))
    path = files.predictions(entry.name)
    with atomic_path(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")
    write_json(files.entry(entry.name), {**asdict(entry), "predictions_sha256": sha256_of(path)})


def read_external_entries(files: ExternalFiles) -> list[ExternalEntry]:
    """Read all entries, the smallest MAE first; there may be none.

    Raises
    ------
    ArtefactError
        If a file lacks something, or the predictions are not those that were scored.
    """
    entries = [_read(files, name) for name in files.names()]
    return sorted(entries, key=lambda entry: (entry.mae, entry.name))


def _read(files: ExternalFiles, name: str) -> ExternalEntry:
    path = files.entry(name)
    known = read_json(path)
    checksum = known.pop("predictions_sha256", None)
    try:
        entry = ExternalEntry(**known)
        check_described(entry)
        entry.cells()
    except (TypeError, KeyError, UserError) as error:
        raise ArtefactError(f"{path}: not an external entry ({error}); save it again") from error
    predictions = files.predictions(name)
    if not predictions.is_file() or sha256_of(predictions) != checksum:
        raise ArtefactError(
            f"{predictions}: missing, or not the predictions that were scored; save the entry again"
        )
    return entry


def external_rows(entries: Sequence[ExternalEntry]) -> list[list[str]]:
    """Cells of each entry for Markdown: the name links to its source, texts are escaped."""
    rows = []
    for entry in entries:
        name, *rest = (_escaped(cell) for cell in entry.cells())
        rows.append([f"[{name}]({entry.link})", *rest])
    return rows


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]])", r"\\\1", html.escape(text, quote=False))
