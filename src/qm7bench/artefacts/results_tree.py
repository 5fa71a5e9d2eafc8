"""Paths below the results folder: their names are spelled here, or in `geometry_tree`, only.

Constants in capitals are patterns for the rules, with Snakemake's wildcards in braces; `filled`
puts values for them. The classes name the files of one folder, a pattern or a real one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

RESULTS = "results"
"""All data sets' results, and the published ones."""
WRITTEN = re.compile(
    r"(metadata|metrics|model|selection|cost|size\d+\.draw\d+)\.json"
    r"|(molecules|predictions|history|inner|selection|summary|learning_curves|finished)\.parquet"
    r"|relaxation\.parquet"
)
"""Names of the JSON files and tables of jobs."""
METADATA = "metadata.json"
"""Handle of an artefact: the file that is written last and holds the checksums of the others."""
ENSEMBLE = "ensemble"
"""Stands for the feature in paths and tables, so that no feature may have this name."""
TRACKS = ("isomers", "reactions", "experiment")
"""Tests beyond the random fold: modules of the room `beyond`."""
ASKED_FOR = ("geometry",)
"""Those that are made only when asked for by name, as they need more than predictions."""
QUICK = "-quick"
"""What names of sampled data sets, and of models with a quick budget, end in."""
QUICK_OR_NOT = f"({QUICK})?"
"""The same as an optional part of a regular expression."""


def quick_name(name: str) -> str:
    """Name of a sampled data set, or of a model with its quick budget."""
    return name + QUICK


def is_quick(name: str) -> bool:
    """Whether it is the name of a sampled data set, or of a model with its quick budget."""
    return name.endswith(QUICK)


def plain_name(name: str) -> str:
    """Name without the quick ending, if it has one."""
    return name.removesuffix(QUICK)


def is_result(path: Path) -> bool:
    """Whether a file is where jobs write, and has a name that they give."""
    return RESULTS in path.absolute().parent.parts and WRITTEN.fullmatch(path.name) is not None


def filled(pattern: str | Path, **wildcards: object) -> str:
    """Path that a pattern stands for, with values for all of its wildcards."""
    return str(pattern).format(**wildcards)


@dataclass(frozen=True)
class FitFiles:
    """Where a fit job writes; `history` is written only for models that have epochs."""

    folder: Path

    @property
    def predictions(self) -> Path:
        """Table of the test molecules: id, energy, prediction, and uncertainty where given."""
        return self.folder / "predictions.parquet"

    @property
    def inner(self) -> Path:
        """Table of inner predictions, where two folds are left out: see `inner_predictions`."""
        return self.folder / "inner.parquet"

    @property
    def history(self) -> Path:
        """Table of the epochs."""
        return self.folder / "history.parquet"

    @property
    def metrics(self) -> Path:
        """Errors and costs."""
        return self.folder / "metrics.json"

    @property
    def model(self) -> Path:
        """What made the model; its arrays are in `arrays`."""
        return self.folder / "model.json"

    @property
    def arrays(self) -> Path:
        """Arrays of the fitted model."""
        return self.folder / "model.npz"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints of unfinished trainings; removed when one is done."""
        return self.folder / "checkpoints"

    @property
    def dataset(self) -> Path:
        """Metadata of the data set in the same results, if the folder is a fold's."""
        return DatasetFiles(self.folder.resolve() / "../../../..").dataset


@dataclass(frozen=True)
class EntryFiles:
    """What belongs to all folds of an entry of the leaderboard: its folder is FEATURE/MODEL."""

    folder: Path

    @property
    def selection(self) -> Path:
        """Table of the grid points of every test fold."""
        return self.folder / "selection.parquet"

    @property
    def selection_cost(self) -> Path:
        """Cost of the selection, and the checksums of its tables."""
        return self.folder / "selection.json"

    @property
    def inner(self) -> Path:
        """Table of inner predictions of the chosen grid points."""
        return FitFiles(self.folder).inner

    def fit(self, fold: int | str) -> FitFiles:
        """Files of the fit for a test fold."""
        return FitFiles(self.folder / f"fold{fold}")

    def without(self, first: int | str, second: int | str) -> FitFiles:
        """Files of the fit without two folds, the smaller number first."""
        return FitFiles(self.folder / f"without{first}{second}")

    def finished_folds(self) -> list[int]:
        """Test folds whose metrics are there, in ascending order."""
        found = FitFiles(self.folder / "fold*").metrics.relative_to(self.folder)
        names = (path.parent.name for path in self.folder.glob(str(found)))
        return sorted(int(name.removeprefix("fold")) for name in names)


@dataclass(frozen=True)
class ExternalFiles:
    """Entries that others trained and this repository did not run again, two files for each."""

    folder: Path

    def entry(self, name: str) -> Path:
        """Who made it and how, and its errors."""
        return self.folder / f"{name}.json"

    def predictions(self, name: str) -> Path:
        """Its predictions: id, fold, prediction."""
        return self.folder / f"{name}.csv"

    def names(self) -> list[str]:
        """Names of all entries."""
        return sorted(path.stem for path in self.folder.glob("*.json"))


@dataclass(frozen=True)
class PublishedFiles:
    """The published entries of a data set, which are kept in the repository."""

    folder: Path

    @property
    def summary(self) -> Path:
        """The published leaderboard."""
        return self.folder / "summary.csv"

    @property
    def learning_curves(self) -> Path:
        """The published learning curves."""
        return self.folder / "learning_curves.csv"

    def entry(self, feature: str, model: str) -> Path:
        """What is known of an entry."""
        return self.folder / "rows" / f"{feature}.{model}.json"

    def entries(self) -> list[Path]:
        """Files of all entries."""
        return sorted(self.entry("*", "*").parent.glob("*.json"))

    def predictions(self, feature: str, model: str) -> Path:
        """Predictions of an entry: id, fold, prediction."""
        return self.folder / "predictions" / f"{feature}.{model}.parquet"

    @property
    def packed(self) -> Path:
        """Predictions of all entries in one file, which needs no PyArrow: in an installed package.

        See `leaderboard.published_predictions`.
        """
        return self.folder / "predictions.npz"

    def beyond(self, track: str) -> Path:
        """Table of a test beyond the random fold."""
        return self.folder / "beyond" / f"{track}.csv"

    @property
    def size(self) -> PublishedFiles:
        """Entries of the data set whose test fold holds its largest molecules."""
        return PublishedFiles(self.folder / "beyond" / "size")

    @property
    def external(self) -> ExternalFiles:
        """Entries that others trained."""
        return ExternalFiles(self.folder / "external")


@dataclass(frozen=True)
class DatasetFiles:
    """All results on a data set, as far as commands find them by their places."""

    folder: Path

    @property
    def dataset(self) -> Path:
        """Metadata of the data set itself."""
        return self.folder / "dataset" / METADATA

    @property
    def models(self) -> Path:
        """All fits; in it, one folder for each entry of the leaderboard: FEATURE/MODEL."""
        return self.folder / "models"

    @property
    def learning_curves(self) -> Path:
        """Folder of the points of learning curves; with an ending, the table made of them."""
        return self.folder / "learning_curves"

    @property
    def finished(self) -> Path:
        """Leaderboard of what a run has finished so far, for a report in between."""
        return self.folder / "finished.parquet"

    @property
    def report(self) -> Path:
        """The report."""
        return self.folder / "report.html"

    @property
    def explorer(self) -> Path:
        """Every molecule in 3-D."""
        return self.folder / "explore.html"

    @property
    def figures(self) -> Path:
        """Folder of the report's figures."""
        return self.folder / "figures"

    def feature(self, name: str) -> Path:
        """Metadata of a feature."""
        return self.folder / "features" / name / METADATA

    def kernels(self, feature: str, model: str) -> Path:
        """Metadata of the kernels or sums that the fits of an entry share."""
        return self.folder / "kernels" / feature / model / METADATA

    def entries(self) -> list[EntryFiles]:
        """Entries of the leaderboard of which anything was written."""
        return [EntryFiles(path) for path in sorted(self.models.glob("*/*"))]


FOLDER = f"{RESULTS}/{{dataset}}"
OF_DATASET = DatasetFiles(Path(FOLDER))
MODELS = str(OF_DATASET.models)

DATASET = str(OF_DATASET.dataset)
FEATURE = str(OF_DATASET.feature("{feature}"))
DISTANCES = f"{FOLDER}/distances/{{feature}}/{{metric}}/{METADATA}"
KERNELS = str(OF_DATASET.kernels("{feature}", "{model}"))
PARTS = f"{FOLDER}/parts/{{feature}}/{{model}}/fold{{fold}}"
"""A fold's kernel in parts, each an artefact, and what they are computed from."""
PREPARED = f"{PARTS}/prepared/{METADATA}"
PART = f"{PARTS}/part{{number}}of{{parts}}/{METADATA}"

PRETRAINING = FitFiles(Path(f"{FOLDER}/pretraining/{{feature}}/{{model}}"))
ENTRY = EntryFiles(Path(f"{MODELS}/{{feature}}/{{model}}"))
FIT = ENTRY.fit("{fold}")
INNER_FIT = ENTRY.without("{first}", "{second}")
COMBINATION = EntryFiles(Path(f"{MODELS}/{ENSEMBLE}/{{ensemble}}")).fit("{fold}")
PREDICTED = f"{FOLDER}/predictions/{{feature}}/{{model}}/fold{{fold}}/{{molecules}}.{{ending}}"

LEARNING_CURVES = str(OF_DATASET.learning_curves)
CURVE_POINT_NAME = "fold{fold}/size{size}.draw{draw}.json"
"""Point of a learning curve in the folder of its entry."""
CURVE_POINT = f"{LEARNING_CURVES}/{{feature}}/{{model}}/{CURVE_POINT_NAME}"

SUMMARY = f"{FOLDER}/summary"
"""The leaderboard, with one of `TABLE_ENDINGS`."""
TABLE_ENDINGS = (".md", ".csv", ".parquet")
BEYOND = f"{FOLDER}/beyond/{{track}}"
"""Table of a test beyond the random fold, with one of `TABLE_ENDINGS`."""
REPORT = str(OF_DATASET.report)
EXPLORER = str(OF_DATASET.explorer)
FIGURES = str(OF_DATASET.figures)

PUBLISHED = PublishedFiles(Path(f"{RESULTS}/published/{{dataset}}"))
PUBLISHED_PAGES = DatasetFiles(Path(f"{FOLDER}/published"))
"""The report of the published entries, among the results of a data set."""

LOGS = "*/logs/**/*.log"
"""All jobs' logs below `RESULTS`, as a glob pattern."""


def log(name: str) -> str:
    """Log of a rule's jobs; the name has their wildcards."""
    return f"{FOLDER}/logs/{name}.log"


def benchmark(name: str) -> str:
    """Time and memory of a rule's jobs; the name has their wildcards."""
    return f"{FOLDER}/benchmarks/{name}.tsv"
