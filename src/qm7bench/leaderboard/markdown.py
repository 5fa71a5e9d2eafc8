"""The leaderboard as Markdown and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

Record = dict[str, Any]

_COLUMNS: list[tuple[str, Callable[[Record], str]]] = [
    ("feature", lambda r: r["feature"]),
    ("model", lambda r: r["model"] + (" (!)" if r["grid_edges"] else "")),
    ("MAE", lambda r: _error(r, "mae") + r["named_folds"]),
    ("RMSE", lambda r: _error(r, "rmse")),
    ("best on test", lambda r: _number(r["mae_best_on_test"], "{:.3f}")),
    ("document", lambda r: _published(r, "document")),
    ("literature", lambda r: _published(r, "literature")),
    ("to best", lambda r: _difference(r)),
    ("90 % interval", lambda r: _interval(r, "")),
    ("inside", lambda r: _interval(r, "inner_")),
    ("CPU s", lambda r: f"{r['cpu_seconds']:.0f}"),
    ("MB", lambda r: f"{r['peak_memory_mb']:.0f}"),
    ("parameters", lambda r: f"{r['parameters']:,}"),
]


def to_markdown(records: list[Record]) -> str:
    """Table for people, best row first, with what its columns mean."""
    lines = []
    complete = _most_folds(records)
    shown = [r | {"named_folds": _named_folds(r, complete)} for r in records]
    for extra in sorted({r["extra_data"] for r in records}):
        own = [r for r in shown if r["extra_data"] == extra]
        lines += [*([f"A class of its own, which knows {extra} too:", ""] if extra else [])]
        lines += [*_table(own), ""]
    return "\n".join([*lines, *_legend(records)]) + "\n"


def _table(records: list[Record]) -> list[str]:
    head = ["| " + " | ".join(name for name, _ in _COLUMNS) + " |", "|" + "---|" * len(_COLUMNS)]
    return head + ["| " + " | ".join(cell(r) for _, cell in _COLUMNS) + " |" for r in records]


def _legend(records: list[Record]) -> list[str]:
    lines = [
        f"MAE and RMSE: mean ± standard deviation over test folds {_most_folds(records)} (or "
        "those named), hyper-parameters chosen inside the training folds (nested). Best on test: "
        "the grid point with the smallest error on the test folds, optimistic by construction. "
        "Document and literature: the figure to compare with, ✓ where it is replicated (within "
        "two standard deviations or 5 %; within 10 % on the same fold where one fold was "
        "published), ▼ where ours is lower, ▲ where it is higher. To best: mean difference of "
        "absolute errors to the best row with most test folds, ° where a paired test cannot tell "
        "them apart (p > 0.05). 90 % interval: mean width of the conformal prediction interval, "
        "calibrated on the errors of the other test folds, and how many molecules it holds. "
        "Inside: the same calibrated inside the training folds, where a selection left errors "
        "there; its fits saw fewer molecules, so it holds more. CPU s: all folds and the "
        "selection or pretraining; of an ensemble, its members' with them. MB: the largest job's "
        "peak memory."
    ]
    budgets = sorted({r["budget"] for r in records if r["budget"]})
    if budgets:
        lines += ["", f"Models with a training budget were run with: {', '.join(budgets)}."]
    on_edge = [r for r in records if r["grid_edges"]]
    for r in on_edge:
        lines += [
            "",
            f"(!) {r['feature']} {r['model']}: the choice sits on an edge of the grid "
            f"({r['grid_edges']}); widen it in config.yaml.",
        ]
    return lines


def _most_folds(records: list[Record]) -> str:
    """Folds of the most complete row."""
    return max((str(r["folds"]) for r in records), key=lambda folds: len(folds.split()))


def _named_folds(record: Record, complete: str) -> str:
    """Which folds a row has, if not those of the most complete row; starts with a space."""
    folds = record["folds"]
    if " " not in folds:
        return f" (fold {folds})"
    return "" if folds == complete else f" (folds {folds})"


def _error(record: Record, measure: str) -> str:
    """Mean and spread over test folds; a single fold has no spread."""
    spread = f" ± {record[f'{measure}_std']:.3f}" if " " in record["folds"] else ""
    return f"{record[measure]:.3f}{spread}"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def replication_mark(record: Record, kind: str) -> str:
    """✓ for a published figure that is replicated, ▼ or ▲ where ours is lower or higher, or ""."""
    if record[f"{kind}_replicated"] is None:
        return ""
    if record[f"{kind}_replicated"]:
        return "✓"
    measure = "rmse" if record[f"{kind}_mae"] is None else "mae"
    return "▼" if record[f"{kind}_ours"] < record[f"{kind}_{measure}"] else "▲"


def _published(record: Record, kind: str) -> str:
    mae, rmse = record[f"{kind}_mae"], record[f"{kind}_rmse"]
    if mae is not None:
        return f"{mae:g} {replication_mark(record, kind)}"
    return f"RMSE {rmse:g} {replication_mark(record, kind)}" if rmse is not None else ""


def _difference(record: Record) -> str:
    if record["difference_to_best"] is None or record["p_value"] is None:
        return ""
    return f"{record['difference_to_best']:+.3f}" + ("°" if record["p_value"] > 0.05 else "")


def _interval(record: Record, prefix: str) -> str:
    """Mean width and coverage of the intervals whose columns begin with the prefix."""
    coverage, width = record[f"{prefix}coverage_90"], record[f"{prefix}interval_width_90"]
    return "" if coverage is None else f"{width:.2f} ({100 * coverage:.1f} %)"


def to_csv(records: list[Record]) -> str:
    """All columns, numbers in full precision, empty where there is none."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in r.items()} for r in records)
    return text.getvalue()
