"""Section on the document's odd rows, explained by pairs of rows that differ in one thing."""

from __future__ import annotations

from dataclasses import dataclass

from qm7bench.leaderboard.cells import replication_mark
from qm7bench.report.data import ReportData, ReportRow
from qm7bench.report.html import Cell, number, paragraph, section, table
from qm7bench.report.names import in_words
from qm7bench.report.sections.leaderboard import spread

SORTED, COLUMNS, EIGEN = (
    "sorted_coulomb_matrix",
    "columns_sorted_coulomb_matrix",
    "eigenspectrum",
)


@dataclass(frozen=True)
class Ablation:
    """Two rows (feature, model) that differ in one thing: as in the document, and changed."""

    question: str
    document: tuple[str, str]
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


def odd_rows(data: ReportData) -> str:
    """Section, or nothing where none of the rows concerned was run."""
    sorting = _found(data, SORTING)
    scaling = _found(data, SCALING)
    parts = []
    if sorting:
        parts.append(
            "<h3>Sorting only the columns</h3>"
            + paragraph(
                "Sorting the columns of a Coulomb matrix without its rows no longer describes the "
                "molecule: entries of one pair of atoms are torn apart. Rows of the document that "
                "look too poor are those of matrices sorted so; sorted by rows and columns "
                "together, the same models give:"
            )
            + _comparison(sorting, "columns only", "rows and columns")
            + paragraph(*[_verdict(*pair, "sorting both") for pair in sorting])
        )
    if scaling:
        parts.append(
            "<h3>Scaling every entry to unit variance</h3>"
            + paragraph(
                "A standard scaler gives rare, nearly empty entries of the matrix the same weight "
                "as the main ones. Distances between molecules then measure mostly noise; only "
                "where all entries matter alike, as with eigenvalues, can it help."
            )
            + _comparison(scaling, "scaled", "unscaled")
            + paragraph(*[_verdict(*pair, "no scaling") for pair in scaling])
        )
    document = [row for row in data.rows if _has_figure(row.record)]
    if document:
        parts.append("<h3>Every published figure beside ours</h3>" + _published(document))
    return section("odd", "The document's rows, explained", *parts) if parts else ""


def _found(
    data: ReportData, ablations: list[Ablation]
) -> list[tuple[Ablation, ReportRow, ReportRow]]:
    pairs = [(a, data.row(*a.document), data.row(*a.changed)) for a in ablations]
    return [(a, first, second) for a, first, second in pairs if first and second]


def _comparison(pairs: list[tuple[Ablation, ReportRow, ReportRow]], before: str, after: str) -> str:
    head = [
        Cell("model"),
        Cell("document"),
        Cell(f"{before}, best on test"),
        Cell(f"{before}, nested"),
        Cell(f"{after}, best on test"),
        Cell(f"{after}, nested"),
    ]
    body = [
        [
            Cell(ablation.question),
            number(first.record["document_mae"]),
            number(first.record["mae_best_on_test"]),
            number(first.record["mae"]),
            number(second.record["mae_best_on_test"]),
            number(second.record["mae"]),
        ]
        for ablation, first, second in pairs
    ]
    return table(head, body, caption=f"MAE in kcal/mol: {before}, and {after}")


def _verdict(ablation: Ablation, first: ReportRow, second: ReportRow, what: str) -> str:
    before, after = first.record["mae"], second.record["mae"]
    change = 100 * (after / before - 1)
    word = "lowers" if change < 0 else "raises"
    name = ablation.question[0].upper() + ablation.question[1:]
    return (
        f"{name}: {what} {word} the nested error by {abs(change):.0f} %, "
        f"from {before:.2f} to {after:.2f}."
    )


def _has_figure(record: dict[str, object]) -> bool:
    kinds = ("document_mae", "document_rmse", "literature_mae", "literature_rmse")
    return any(record[kind] is not None for kind in kinds)


def _published(rows: list[ReportRow]) -> str:
    head = [
        Cell("row"),
        Cell("source"),
        Cell("published"),
        Cell("ours, nested"),
        Cell("ours, best on test"),
        Cell("ours, compared", hint="on the same fold where one fold was published"),
        Cell("replicated"),
    ]
    body = []
    for row in rows:
        for kind in ("document", "literature"):
            for measure in ("mae", "rmse"):
                value = row.record[f"{kind}_{measure}"]
                if value is None:
                    continue
                best = row.record["mae_best_on_test"] if measure == "mae" else None
                compared = measure == "mae" or row.record[f"{kind}_mae"] is None
                own = spread(row, measure)
                body.append(
                    [
                        Cell(row.label),
                        Cell(row.record[f"{kind}_source"]),
                        number(value, measure.upper() + " {:.2f}"),
                        number(row.record[measure], "{:.2f}", own),
                        number(best),
                        number(row.record[f"{kind}_ours"] if compared else None),
                        Cell(replication_mark(row.record, kind) if compared else ""),
                    ]
                )
    return table(head, body, caption="Published figures and ours, kcal/mol")
