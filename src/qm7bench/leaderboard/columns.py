"""Every column of the leaderboard, once: its name, type, unit, meaning, and how it is shown.

CSV and Parquet have all columns in this order; Markdown, the report and the documentation show
those with a `title`, short tables those with a `brief` text. New columns go to the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from qm7bench.leaderboard import cells
from qm7bench.leaderboard.cells import Cell, Record, difference, mean, number, text_of, with_spread
from qm7bench.leaderboard.names import in_words

TEXT, NUMBER, INTEGER, YES_OR_NO = "string", "float64", "Int64", "boolean"
ERROR = "kcal/mol"
INNER = "90 % interval, calibrated on inner folds"
BEST = number("mae_best_on_test")
BEST_ENTRY = difference("difference_to_best", "q_value")
ABOVE = difference("difference_to_above", "q_value_above")


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name : str
        In CSV and Parquet.
    dtype : str
        pandas' name of its type. Missing texts are empty, other missing values NA.
    unit : str
        Empty where it has none.
    title : str
        Heading where it is shown; empty for columns that only CSV and Parquet have.
    cell : callable or None
        Its cell in Markdown and HTML, from all values of the line.
    brief : callable or None
        Its text in short tables, in the terminal and in the README.
    help : str
        One sentence on what it is.
    """

    name: str
    dtype: str
    unit: str = ""
    title: str = ""
    cell: Callable[[Record], Cell] | None = None
    brief: Callable[[Record], str] | None = None
    help: str = ""

    def means(self, text: str) -> Column:
        """Return the column with its sentence."""
        return replace(self, help=text)


def _figures(kind: str, whose: str, title: str) -> list[Column]:
    """Columns of a published figure."""
    return [
        Column(f"{kind}_mae", NUMBER, ERROR, title, cells.published(kind)).means(
            f"Figure of {whose} to compare with (RMSE where no MAE was published): ✓ where ours "
            "replicates it, within two standard deviations or 5 % (within 10 % on the same fold "
            "where one fold was published), ▼ where ours is lower, ▲ where it is higher."
        ),
        Column(f"{kind}_rmse", NUMBER, ERROR).means(f"RMSE of {whose}."),
        Column(f"{kind}_source", TEXT).means(f"Where the figure of {whose} was published."),
        Column(f"{kind}_ours", NUMBER, ERROR).means(f"Our error that compares with {whose}."),
        Column(f"{kind}_replicated", YES_OR_NO).means(f"Whether our error replicates {whose}."),
    ]


COLUMNS: list[Column] = [
    Column("dataset", TEXT).means("Data set."),
    Column("feature", TEXT, title="feature", cell=lambda r: Cell(r["feature"])).means(
        "Representation of the molecules, by its name in config.yaml."
    ),
    Column("model", TEXT, title="model", cell=cells.name_of_model).means(
        "Model, by its name in config.yaml; (!) where its choice sits on an edge of its grid."
    ),
    Column("protocol", TEXT).means(
        "nested: hyper-parameters chosen in the training folds; or fixed."
    ),
    Column("folds", TEXT).means("Test folds, separated by blanks."),
    Column("mae", NUMBER, ERROR, "MAE", cells.mae, text_of(with_spread("mae"))).means(
        "Mean absolute error, nested (hyper-parameters chosen inside the training folds): mean ± "
        "standard deviation over the test folds, which are named where some are missing; test "
        "molecules without prediction are counted."
    ),
    Column("mae_std", NUMBER, ERROR).means(
        "Population standard deviation of the MAE over test folds."
    ),
    Column("rmse", NUMBER, ERROR, "RMSE", with_spread("rmse"), text_of(mean("rmse"))).means(
        "Root-mean-square error, nested: mean ± standard deviation over the test folds."
    ),
    Column("rmse_std", NUMBER, ERROR).means(
        "Population standard deviation of the RMSE over test folds."
    ),
    Column(
        "mae_best_on_test", NUMBER, ERROR, "best on test (optimistic)", BEST, text_of(BEST)
    ).means(
        "MAE of the grid point with the smallest error on the test folds: optimistic, as it was "
        "chosen by the molecules that it is judged by."
    ),
    Column("cpu_seconds", NUMBER, "s", "CPU time", cells.cpu_time, text_of(cells.cpu_time)).means(
        "Processor time of all folds and the selection or pretraining; of an ensemble, with its "
        "members'."
    ),
    Column("peak_memory_mb", NUMBER, "MB", "MB", number("peak_memory_mb", "{:.0f}")).means(
        "Peak memory of the largest job."
    ),
    Column("parameters", INTEGER, "", "parameters", number("parameters", "{:,}")).means(
        "Numbers that the fitted model holds."
    ),
    Column("budget", TEXT).means("Training budget, of models that have one."),
    Column("extra_data", TEXT).means(
        "What the entry also uses besides its training molecules: a track."
    ),
    Column("grid_edges", TEXT).means("Parameters whose choice sits on an edge of their grid."),
    *_figures("document", "the replicated study", "replicated study"),
    *_figures("literature", "the literature", "literature"),
    Column("difference_to_best", NUMBER, ERROR, "to best", BEST_ENTRY).means(
        "Mean difference of absolute errors to the best entry of the track with most test folds, "
        "on the molecules that both tested; ° where a paired t-test does not tell it from chance "
        "(q > 0.05)."
    ),
    Column("p_value", NUMBER).means("Of the paired t-test against the best entry, not corrected."),
    Column("coverage_90", NUMBER).means("Fraction of molecules inside their 90 % intervals."),
    Column("interval_width_90", NUMBER, ERROR, "90 % interval", cells.interval("")).means(
        "Mean width of the 90 % conformal prediction interval, calibrated on the errors of the "
        "other test folds, and its coverage."
    ),
    Column("inner_coverage_90", NUMBER).means(
        "Coverage of the intervals calibrated on inner folds."
    ),
    Column("inner_interval_width_90", NUMBER, ERROR, INNER, cells.interval("inner_")).means(
        "The same calibrated on inner folds, where a selection left errors there; inner fits see "
        "fewer molecules, so that it covers more. What has no selection, as networks, has none: it "
        "would take further fits inside the training folds, at several times the cost."
    ),
    Column("q_value", NUMBER).means(
        "The p-value corrected for the number of entries in the track (Benjamini-Hochberg)."
    ),
    Column("max_error", NUMBER, ERROR, "max error", number("max_error", "{:.1f}")).means(
        "Largest absolute error of any molecule."
    ),
    Column("difference_to_above", NUMBER, ERROR, "to above", ABOVE).means(
        "Mean difference of absolute errors to the entry above in the same track, tested likewise."
    ),
    Column("p_value_above", NUMBER).means("Of the paired t-test against the entry above."),
    Column("q_value_above", NUMBER).means(
        "The same corrected for the number of entries in the track."
    ),
    Column("family", TEXT).means(
        "Family of the model: kernel, network, linear, neighbours, ensemble..."
    ),
    Column("unpredicted", INTEGER).means(
        "Test molecules without prediction, most often for an element that no training molecule "
        "has; the errors are those of the others."
    ),
]

DTYPES = {column.name: column.dtype for column in COLUMNS}
SHOWN = [column for column in COLUMNS if column.cell is not None]
BRIEF = [column for column in COLUMNS if column.brief is not None]
"""Columns of short tables, which have one line for each of the best entries."""


def as_leaderboard(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the leaderboard's columns, in their order and types."""
    found = frame[list(DTYPES)].astype(DTYPES)
    texts = [name for name, dtype in DTYPES.items() if dtype == TEXT]
    found[texts] = found[texts].fillna("")
    return found.reset_index(drop=True)


def records_of(frame: pd.DataFrame) -> list[Record]:
    """Lines of a leaderboard as `plain_records`.

    Each has two further keys: `named_folds`, the entry's folds in words where others have more, or
    where it is but one; and `incomplete`, whether others have more.
    """
    complete = most_folds(frame)
    return [
        {
            **line,
            "named_folds": _named_folds(line["folds"], complete),
            "incomplete": len(line["folds"].split()) < len(complete.split()),
        }
        for line in plain_records(frame)
    ]


def plain_records(frame: pd.DataFrame) -> list[Record]:
    """Lines of any table as plain dictionaries, None where a value is missing."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in line.items()}
        for line in frame.to_dict("records")
    ]


def most_folds(frame: pd.DataFrame) -> str:
    """Test folds of the most complete entry."""
    return max(map(str, frame["folds"]), key=lambda folds: len(folds.split()))


def _named_folds(folds: str, complete: str) -> str:
    """Which folds an entry has, if not those of the most complete one; starts with a space."""
    if " " not in folds:
        return f" (fold {folds})"
    return "" if folds == complete else f" (folds {folds})"


def tracks(frame: pd.DataFrame) -> list[tuple[str, list[Record]]]:
    """Lines of each track with what it also uses; the main track, "", comes first."""
    records = records_of(frame)
    names = sorted({record["extra_data"] for record in records})
    return [(name, [r for r in records if r["extra_data"] == name]) for name in names]


def track_title(extra: str) -> str:
    """Heading of a separate track's table; empty for the main track."""
    return f"Separate track: also uses energies of {in_words(extra)}" if extra else ""
