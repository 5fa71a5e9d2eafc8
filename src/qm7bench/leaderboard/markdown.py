"""The leaderboard as Markdown: one table for each track, and what its columns mean."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qm7bench.leaderboard.columns import SHOWN, most_folds, track_title, tracks


def to_markdown(frame: pd.DataFrame) -> str:
    """Tables for people, best entry first, with what their columns mean."""
    lines = []
    for extra, own in tracks(frame):
        body = [[c.cell(r).text for c in SHOWN if c.cell] for r in own]
        lines += [*([f"{track_title(extra)}:", ""] if extra else [])]
        lines += [*markdown_table([c.title for c in SHOWN], body), ""]
    return "\n".join([*lines, *legend(frame)]) + "\n"


def markdown_table(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table."""
    lines = [head, ["---"] * len(head), *body]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def legend(frame: pd.DataFrame) -> list[str]:
    """What the columns mean, and notes on single entries; a list, one line each."""
    lines = [f"Errors are in kcal/mol, over test folds {most_folds(frame)}.", ""]
    lines += [f"- **{c.title}**: {c.help}" for c in SHOWN if c.title not in ("feature", "model")]
    budgets = sorted({str(budget) for budget in frame["budget"] if budget})
    if budgets:
        lines += ["", f"Models with a training budget were run with: {', '.join(budgets)}."]
    for _, entry in frame[frame["grid_edges"] != ""].iterrows():
        lines += [
            "",
            f"(!) {entry['feature']} {entry['model']}: the choice sits on an edge of the grid "
            f"({entry['grid_edges']}); widen it in config.yaml.",
        ]
    return lines
