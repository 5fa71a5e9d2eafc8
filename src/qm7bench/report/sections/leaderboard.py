"""Sections on the rows as wholes: leaderboard, nested against best on test, grids, folds."""

from __future__ import annotations

from typing import Any

import numpy as np

from qm7bench.evaluation.comparison import paired_difference
from qm7bench.leaderboard.cells import replication_mark
from qm7bench.report.data import ReportData, ReportRow
from qm7bench.report.figures import entries as figures_rows
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import (
    Cell,
    columns,
    figure,
    minus,
    notes,
    number,
    paragraph,
    section,
    table,
)
from qm7bench.report.names import in_words


def leaderboard(data: ReportData) -> str:
    """Section: the sortable table."""
    head = [
        Cell("#", hint="place by nested MAE"),
        Cell("model"),
        Cell("feature"),
        Cell("MAE", hint="kcal/mol, nested: mean ± standard deviation over test folds"),
        Cell("RMSE", hint="kcal/mol, nested, pooled in each fold; hover for its spread"),
        Cell("largest", hint="largest absolute error, kcal/mol"),
        Cell("best on test", hint="smallest MAE of any grid point on the test folds; optimistic"),
        Cell("document", hint="MAE or RMSE of the replicated document"),
        Cell("literature", hint="published MAE or RMSE"),
        Cell("to best", hint="mean difference of absolute errors to the best row with most folds"),
        Cell("to above", hint="the same to the row above, on the molecules that both tested"),
        Cell("90 % width", hint="mean full width of the 90 % prediction interval, kcal/mol"),
        Cell("CPU\u00a0s", hint="all folds and the selection"),
        Cell("MB", hint="peak memory of the largest job"),
        Cell("parameters", hint="numbers that the fitted model holds"),
    ]
    above = [None, *data.rows[:-1]]
    body = [_line(data, row, other) for row, other in zip(data.rows, above, strict=True)]
    text = paragraph(
        "Best first; a click on a column's name sorts by it. ✓ marks a published figure that is "
        "replicated (within two standard deviations or 5 %; within 10 % on the same fold where one "
        "fold was published), ▼ one above ours, ▲ one below. "
        "° marks a difference of absolute errors, to the best row or to the row above, that a "
        "paired t-test cannot tell from chance (p > 0.05 on the molecules that both tested, not "
        "corrected for the number of pairs). A row of fewer folds than others names them. "
        "(!) marks a choice on an edge of its grid."
        + (
            " † marks rows that know other data or methods too, and names them: classes of their "
            "own at the end of the table, each compared with the best among them."
            if any(row.record["extra_data"] for row in data.rows)
            else ""
        )
    )
    caption = "Leaderboard, errors in kcal/mol"
    return section("leaderboard", "Leaderboard", text, table(head, body, True, caption))


def _line(data: ReportData, row: ReportRow, above: ReportRow | None) -> list[Cell]:
    record = row.record
    largest = max(m["largest_error"] for m in row.result.metrics)
    return [
        Cell(str(row.rank), row.rank),
        Cell(_marked(row), hint=_parameters(row)),
        Cell(row.feature),
        number(record["mae"], "{:.2f}", spread(row, "mae") + _some_folds(data, row)),
        Cell(f"{record['rmse']:.2f}", record["rmse"], f"{spread(row, 'rmse')} over folds"),
        number(largest, "{:,.1f}"),
        number(record["mae_best_on_test"], "{:.2f}"),
        published(record, "document"),
        published(record, "literature"),
        _difference(record["difference_to_best"], record["p_value"]),
        _to_above(data, row, above),
        _interval(record),
        number(record["cpu_seconds"], "{:,.0f}"),
        number(record["peak_memory_mb"], "{:,.0f}"),
        number(record["parameters"], "{:,}"),
    ]


def _marked(row: ReportRow) -> str:
    """Name of the model with the marks that the text above the table explains."""
    marks = " (!)" if row.record["grid_edges"] else ""
    extra = ", ".join(map(in_words, row.record["extra_data"].split(", ")))
    return row.model + marks + (f" † {extra}" if extra else "")


def _some_folds(data: ReportData, row: ReportRow) -> str:
    """Which folds a row has, where they are several but not all; starts with a space."""
    several = 1 < len(row.folds) < len(data.folds)
    return f" (folds {' '.join(map(str, row.folds))})" if several else ""


def spread(row: ReportRow, measure: str) -> str:
    """Standard deviation over folds, or which folds, where they are few; starts with a space."""
    if len(row.folds) == 1:
        return f" (fold {row.folds[0]})"
    return f" ± {row.record[f'{measure}_std']:.2f}"


def _parameters(row: ReportRow) -> str:
    first = row.result.metrics[0]
    words = [f"{name}={value}" for name, value in first["parameters"].items()]
    return f"in fold {first['fold']}: {', '.join(words)}" if words else "no parameters"


def published(record: dict[str, Any], kind: str) -> Cell:
    """Cell of the document's or the literature's figure."""
    mae, rmse = record[f"{kind}_mae"], record[f"{kind}_rmse"]
    mark, source = replication_mark(record, kind), record[f"{kind}_source"]
    if mae is not None:
        return Cell(f"{mae:g} {mark}", mae, source)
    return Cell(f"RMSE {rmse:g} {mark}", rmse, source) if rmse is not None else Cell("")


def _difference(difference: float | None, p_value: float | None, hint: str = "") -> Cell:
    if difference is None or p_value is None or not np.isfinite(p_value):
        return Cell("")
    degree = "°" if p_value > 0.05 else ""
    return Cell(minus(f"{difference:+.2f}{degree}"), difference, f"p = {p_value:.2g}{hint}")


def _to_above(data: ReportData, row: ReportRow, above: ReportRow | None) -> Cell:
    if above is None or above.record["extra_data"] != row.record["extra_data"]:
        return Cell("")
    ids = data.dataset.ids
    mine, theirs = np.isfinite(row.errors), np.isfinite(above.errors)
    found = paired_difference(ids[mine], row.errors[mine], ids[theirs], above.errors[theirs])
    return _difference(found.difference, found.p_value, f", {found.molecules:,} molecules")


def _interval(record: dict[str, Any]) -> Cell:
    width, coverage = record["interval_width_90"], record["coverage_90"]
    if width is None or not np.isfinite(width):
        return Cell("")
    return Cell(f"{width:.1f}", width, f"holds {100 * coverage:.1f} % of the molecules")


def nested_against_best(data: ReportData, gallery: Gallery) -> str:
    """Section: how optimistic it is to choose on the test folds, and each fold's error."""
    chosen = [row for row in data.rows if row.record["mae_best_on_test"] is not None]
    parts = []
    if chosen:
        excess = [100 * (r.record["mae"] / r.record["mae_best_on_test"] - 1) for r in chosen]
        largest = chosen[int(np.argmax(excess))]
        parts.append(
            paragraph(
                "If hyper-parameters are chosen by the error on the very molecules that are then "
                "reported, the figure is too good. Here it would be so by "
                f"{np.median(excess):.1f} % in the median of the {len(chosen)} rows with a grid, "
                f"and by {max(excess):.1f} % in the worst ({largest.label}).",
            )
        )
    panels = []
    if chosen:
        panels.append(
            figure(
                figures_rows.optimism(gallery, chosen),
                "Nested error above the smallest test error that any grid point reaches. A value "
                "below zero means that choosing for each fold by itself did even better.",
                "Nested against best on test",
            )
        )
    several = [row for row in data.rows if len(row.folds) > 1]
    if several:
        panels.append(
            figure(
                figures_rows.spread_over_folds(gallery, several, data.folds),
                "Each mark is one test fold, relative to the mean of its row. A fold that lies on "
                "the same side in most rows has harder or easier molecules; a wide row is a "
                "matter of luck with single molecules.",
                "Spread over the folds",
            )
        )
    return section("nested", "How far to trust the figures", *parts, columns(panels))


def grid_choices(data: ReportData) -> str:
    """Section: warnings of choices on a grid's edge, and what every fold chose."""
    chosen = [row for row in data.rows if row.grid]
    if not chosen:
        return ""
    warned = [row for row in chosen if row.record["grid_edges"]]
    warnings = [f"{row.label}: {_grids(row, row.record['grid_edges'].split())}" for row in warned]
    found = (
        paragraph(
            f"In {len(warned)} of {len(chosen)} rows with a grid the best choice lies on its edge, "
            "and the next value inside is worse by more than 0.5 %; a wider grid in config.yaml "
            "may give a smaller error:"
        )
        + notes(warnings, "warnings")
        if warned
        else paragraph(
            f"In none of the {len(chosen)} rows with a grid does the choice sit on an edge where "
            "a wider grid would promise a smaller error."
        )
    )
    head = [Cell("#"), Cell("row"), *[Cell(f"fold {f}") for f in data.folds], Cell("best on test")]
    body = [_choices(row, data.folds) for row in chosen]
    caption = "Hyper-parameters that each test fold's training molecules chose"
    return section("grids", "Chosen hyper-parameters", found, table(head, body, caption=caption))


def _choices(row: ReportRow, folds: list[int]) -> list[Cell]:
    by_fold = {m["fold"]: _choice(row, m["parameters"]) for m in row.result.metrics}
    return [
        Cell(str(row.rank), row.rank),
        Cell(row.label),
        *[Cell(by_fold.get(fold, "")) for fold in folds],
        Cell(_choice(row, row.result.optimistic["parameters"])),
    ]


def _choice(row: ReportRow, parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_short(parameters[name])}" for name in row.grid)


def _grids(row: ReportRow, names: list[str]) -> str:
    texts = [f"{n} from {_short(min(row.grid[n]))} to {_short(max(row.grid[n]))}" for n in names]
    return "; ".join(texts)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).strip('"')
