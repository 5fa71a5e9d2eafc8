"""Section on published errors: the replicated study's, explained by pairs of entries; others'."""

from __future__ import annotations

from dataclasses import dataclass

from qm7bench.leaderboard.cells import Cell, replication_mark
from qm7bench.leaderboard.names import in_words
from qm7bench.leaderboard.reference_values import KINDS, cited, other_methods, sources
from qm7bench.report.data import ReportData, ReportEntry
from qm7bench.report.html import Section, Table, capitalized, number

STUDY = "replicated_study"
SORTED, COLUMNS, EIGEN = (
    "sorted_coulomb_matrix",
    "columns_sorted_coulomb_matrix",
    "eigenspectrum",
)


@dataclass(frozen=True)
class Ablation:
    """Two entries (feature, model) that differ in one thing: as in the study, and changed."""

    question: str
    study: tuple[str, str]
    changed: tuple[str, str]


SORTING = [
    Ablation("ridge", (COLUMNS, "ridge_standardized"), (SORTED, "ridge_standardized")),
    Ablation(
        "k nearest neighbours",
        (COLUMNS, "k_nearest_neighbours_standardized"),
        (SORTED, "k_nearest_neighbours_standardized"),
    ),
]
SCALING = [
    Ablation(
        f"{in_words(name)}, {in_words(feature)}",
        (feature, f"{name}_standardized"),
        (feature, name),
    )
    for feature in (SORTED, EIGEN)
    for name in ("kernel_ridge_gaussian", "support_vector_regression", "k_nearest_neighbours")
]
Pair = tuple[Ablation, ReportEntry, ReportEntry]


def replication(data: ReportData) -> Section | None:
    """Section, or nothing where no entry has a published error beside it and no pair was run."""
    sorting, scaling = _found(data, SORTING), _found(data, SCALING)
    compared = [entry for entry in data.entries if _has_figure(entry)]
    if not (sorting or scaling or compared):
        return None
    names = [(entry.fits.feature, entry.fits.model) for entry in compared]
    name = data.dataset.name
    others = other_methods(name)
    used = [sources()[STUDY], *cited(name, names), *(other.source for other in others)]
    values = {
        "study": sources()[STUDY],
        "sorting": _ablations(sorting, "columns only", "rows and columns", "sorting both"),
        "scaling": _ablations(scaling, "scaled", "unscaled", "no scaling"),
        "published": _published(compared) if compared else None,
        "others": others,
        "sources": list(dict.fromkeys(used)),
    }
    return Section("replication", "Published errors beside ours", values)


def _found(data: ReportData, ablations: list[Ablation]) -> list[Pair]:
    pairs = [(a, data.entry(*a.study), data.entry(*a.changed)) for a in ablations]
    return [(a, first, second) for a, first, second in pairs if first and second]


def _ablations(
    pairs: list[Pair], before: str, after: str, what: str
) -> tuple[Table, list[str]] | None:
    """Table of the pairs, and in words what the change does; None without pairs."""
    if not pairs:
        return None
    kinds = [f"{kind}, {how}" for kind in (before, after) for how in ("best on test", "nested")]
    body = [
        [
            Cell(ablation.question),
            number(first.record["document_mae"]),
            *(number(e.record[c]) for e in (first, second) for c in ("mae_best_on_test", "mae")),
        ]
        for ablation, first, second in pairs
    ]
    head = [Cell("model"), Cell("replicated study"), *map(Cell, kinds)]
    caption = f"MAE in kcal/mol: {before}, and {after}; best on test is optimistic"
    verdicts = [_verdict(*pair, what) for pair in pairs if pair[1].record["mae"] > 0]
    return Table(caption, head, body), verdicts


def _verdict(ablation: Ablation, first: ReportEntry, second: ReportEntry, what: str) -> str:
    before, after = first.record["mae"], second.record["mae"]
    change = 100 * (after / before - 1)
    word = "lowers" if change < 0 else "raises"
    return (
        f"{capitalized(ablation.question)}: {what} {word} the nested error by {abs(change):.0f} %, "
        f"from {before:.2f} to {after:.2f}."
    )


def _has_figure(entry: ReportEntry) -> bool:
    names = [f"{kind}_{measure}" for kind in KINDS for measure in ("mae", "rmse")]
    return any(entry.record[name] is not None for name in names)


def _published(entries: list[ReportEntry]) -> Table:
    head = [
        Cell("entry"),
        Cell("source"),
        Cell("published"),
        Cell("ours, nested"),
        Cell("ours, best on test (optimistic)"),
        Cell("ours, compared", hint="on the same fold where one fold was published"),
        Cell("replicated"),
    ]
    body = [
        _line(entry, kind, measure)
        for entry in entries
        for kind in KINDS
        for measure in ("mae", "rmse")
        if entry.record[f"{kind}_{measure}"] is not None
    ]
    return Table("Published errors and ours, kcal/mol", head, body)


def _line(entry: ReportEntry, kind: str, measure: str) -> list[Cell]:
    record = entry.record
    compared = measure == "mae" or record[f"{kind}_mae"] is None
    return [
        Cell(entry.label),
        Cell(record[f"{kind}_source"]),
        number(record[f"{kind}_{measure}"], measure.upper() + " {:.2f}"),
        number(record[measure], "{:.2f}", _spread(entry, measure)),
        number(record["mae_best_on_test"] if measure == "mae" else None),
        number(record[f"{kind}_ours"] if compared else None),
        Cell(replication_mark(record, kind) if compared else ""),
    ]


def _spread(entry: ReportEntry, measure: str) -> str:
    """Standard deviation over folds, or which fold it is; starts with a space."""
    if len(entry.folds) == 1:
        return f" (fold {entry.folds[0]})"
    return f" ± {entry.record[f'{measure}_std']:.2f}"
