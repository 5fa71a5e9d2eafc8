"""The page of a score: everything that the terminal says, every entry and group, and figures."""

from __future__ import annotations

from typing import Any

import numpy as np

from qm7bench.installation import version
from qm7bench.leaderboard.cells import Cell
from qm7bench.leaderboard.names import in_words
from qm7bench.report.cards import Card, card
from qm7bench.report.figures import scores as figures
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import Panel, Table, minus, number, page
from qm7bench.scoring.comparisons import Comparison, GroupComparison
from qm7bench.scoring.score import Score
from qm7bench.scoring.text import group_in_words, place_in_words

WORST_SHOWN = 12
YOURS = "your predictions"


def score_page(score: Score) -> str:
    """HTML of the page, self-contained."""
    gallery = Gallery()
    reference = score.reference
    name = reference.entry.name if reference else ""
    groups = _ordered(score.groups)
    values = {
        "file": score.source,
        "dataset": in_words(score.dataset.name),
        "score": score,
        "version": version(),
        "warnings": [*([f"As it is: {score.slip.message}"] if score.slip else []), *score.warnings],
        "place": place_in_words(score) if score.place is not None else "",
        "folds": _folds(score),
        "entries": _entries(score) if score.comparisons else None,
        "reference": name,
        "groups": _groups(groups, name),
        "panels": _panels(gallery, score, groups, name),
        "worst": _worst(score),
    }
    return page("score.html", values)


def _ordered(groups: list[GroupComparison]) -> list[GroupComparison]:
    """Groups where the predictions are worst beside the other entry, or by themselves, first."""
    differences = [g.mae if np.isnan(g.difference) else g.difference for g in groups]
    return [groups[i] for i in np.argsort(differences, kind="stable")[::-1]]


def _panels(
    gallery: Gallery, score: Score, groups: list[GroupComparison], name: str
) -> list[Panel]:
    errors = {YOURS: score.errors}
    if score.reference is not None:
        errors[name] = score.reference.errors
    return [
        Panel(
            figures.distribution(gallery, errors),
            "The farther to the left a line rises, the more molecules are predicted well; the "
            "dotted line is chemical accuracy, 1 kcal/mol.",
            "How many molecules are predicted how well",
        ),
        Panel(
            figures.by_group(gallery, groups, name),
            "Mean absolute error of the molecules of each kind, with their number; where yours are "
            "farthest behind is on top." if name else "Mean absolute error of each kind.",
            "By size, elements and functional group",
        ),
    ]  # fmt: skip


def _folds(score: Score) -> Table:
    head = [Cell(text) for text in ("fold", "MAE", "RMSE", "max error", "molecules", "missing")]
    body = []
    for line in score.by_fold:
        errors = [number(line[name], "{:.4f}") for name in ("mae", "rmse", "largest_error")]
        predicted = line["test_molecules"] - line["unpredicted"]
        counts = [number(predicted, "{:,}"), number(line["unpredicted"], "{:,}")]
        body.append([Cell(str(line["fold"])), *errors, *counts])
    return Table("Errors in kcal/mol", head, body)


def _entries(score: Score) -> Table:
    head = [
        Cell("#", hint="rank in the main track, on the same molecules"),
        Cell("published entry"),
        Cell("also uses"),
        Cell("MAE", hint="on the molecules that both predict, mean over folds"),
        Cell("published MAE"),
        Cell("yours", hint="mean difference of absolute errors; negative where yours are smaller"),
        Cell("p", hint="of the paired t-test"),
        Cell("q", hint="the same corrected for the number of entries (false discovery rate)"),
        Cell("yours are"),
        Cell("molecules", hint="that both predict"),
    ]
    main = sorted(score.main_track, key=lambda other: other.mae)
    others = [other for other in score.comparisons if other.entry.track]
    ranked = [(str(rank), other) for rank, other in enumerate(main, start=1)]
    rows = [_entry(rank, other) for rank, other in [*ranked, *(("", o) for o in others)]]
    own = [Cell(">"), Cell(YOURS), Cell(""), number(score.mae, "{:.3f}"), *[Cell("")] * 6]
    rows.insert((score.place or 1) - 1, own)
    return Table("Every published entry, errors in kcal/mol; separate tracks last", head, rows)


def _entry(rank: str, other: Comparison) -> list[Cell]:
    return [
        Cell(rank),
        Cell(other.entry.name),
        Cell(in_words(other.entry.track)),
        number(other.mae, "{:.3f}"),
        number(other.entry.mae, "{:.3f}"),
        Cell(minus(f"{other.difference:+.3f}"), other.difference),
        number(other.p_value, "{:.2g}"),
        number(other.q_value, "{:.2g}"),
        Cell(other.verdict),
        number(other.molecules, "{:,}"),
    ]


def _groups(groups: list[GroupComparison], name: str) -> Table:
    titles = ["kind", "molecules", "molecules of it", "MAE"]
    titles += [f"MAE of {name}", "difference", "q", "yours are"] if name else []
    body = []
    for group in groups:
        row = [
            Cell(group.kind),
            Cell(group_in_words(group)),
            number(group.molecules, "{:,}"),
            number(group.mae, "{:.3f}"),
        ]
        if name:
            row += [_known(group.reference_mae), _known(group.difference, "{:+.3f}")]
            row += [_known(group.q_value, "{:.2g}"), Cell(group.verdict)]
        body.append(row)
    return Table("Kinds of molecules, errors in kcal/mol", [Cell(t) for t in titles], body)


def _known(value: float, form: str = "{:.3f}") -> Cell:
    return Cell("") if np.isnan(value) else Cell(minus(form.format(value)), value)


def _worst(score: Score) -> list[Card]:
    size = np.nan_to_num(np.abs(score.errors), nan=-1.0)
    order: Any = np.argsort(-size, kind="stable")[: min(WORST_SHOWN, score.predicted)]
    cards = []
    for i in order.tolist():
        energy, predicted = score.dataset.energies[i], score.predictions[i]
        lines = [f"error {predicted - energy:+.2f}", f"energy {energy:,.1f}"]
        lines += [f"predicted {predicted:,.1f}", f"fold {score.folds[i]}"]
        cards.append(card(score.dataset, i, [minus(line) for line in lines]))
    return cards
