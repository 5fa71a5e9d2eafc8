"""The leaderboard as Markdown: whole, with what its columns mean, or its best entries."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from qm7bench.leaderboard import cells
from qm7bench.leaderboard.best import incomplete, short_tables
from qm7bench.leaderboard.columns import BRIEF, COLUMNS, SHOWN, most_folds, track_title, tracks
from qm7bench.leaderboard.external import HEAD, TITLE, ExternalEntry, external_rows
from qm7bench.leaderboard.reference_values import Source, cited, other_methods


def to_markdown(frame: pd.DataFrame, external: Sequence[ExternalEntry] = ()) -> str:
    """Every entry, the best first, one table for each track; what the columns mean; sources.

    External entries stand in a table of their own behind the tracks.
    """
    lines = []
    for extra, own in tracks(frame):
        body = [[c.cell(r).text for c in SHOWN if c.cell] for r in own]
        lines += [*([f"{track_title(extra)}:", ""] if extra else [])]
        lines += [*table([c.title for c in SHOWN], body), ""]
    lines += _external(external)
    lines += [*_legend(frame), *_notes(frame), *_literature(frame)]
    return "\n".join(lines) + "\n"


def best_to_markdown(
    frame: pd.DataFrame, whole: str, external: Sequence[ExternalEntry] = ()
) -> str:
    """Ten best entries of the main track, a line on the others, and where the rest is.

    Parameters
    ----------
    frame : DataFrame
        A leaderboard.
    whole : str
        Address of the whole table.
    external : sequence of ExternalEntry
        The best first.
    """
    main, *separate = short_tables(frame)
    head = ["#", "feature", "model", *(column.title for column in BRIEF)]
    lines = [*table(head, main.lines()), ""]
    marked = incomplete(main.entries)
    if marked:
        lines += [marked.replace("*", r"\*", 1), ""]
    for track in separate:
        best = track.entries[0]
        lines += [
            f"{track.title}, so that it is not ranked here. Best: {best['feature']} "
            f"{best['model']}, MAE {cells.with_spread('mae')(best).text} kcal/mol.",
            "",
        ]
    if external:
        first, number = external_rows(external)[0], len(external)
        lines += [
            f"{TITLE}: {number} {'entries' if number > 1 else 'entry'}, scored from predictions of "
            f"others. Best: {first[0]}, MAE {first[HEAD.index('MAE')]} kcal/mol.",
            "",
        ]
    more = "with intervals, paired tests, published figures and separate tracks"
    return "\n".join([*lines, f"[All {len(frame)} entries]({whole}), {more}."]) + "\n"


def _external(entries: Sequence[ExternalEntry]) -> list[str]:
    """Table of what others trained."""
    if not entries:
        return []
    told = (
        f"{TITLE}: predictions that others made and `qm7bench score` scored. That no test molecule "
        "was used to make them is their authors' word."
    )
    return [told, "", *table(HEAD, external_rows(entries)), ""]


def table(head: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table."""
    rows = [
        head,
        ["---"] * len(head),
        *([cell.replace("|", r"\|") for cell in row] for row in body),
    ]
    return ["| " + " | ".join(row) + " |" for row in rows]


def columns_to_markdown() -> str:
    """Table of every column: its name, heading, unit and meaning."""
    body = [[f"`{c.name}`", c.title, c.unit, c.help] for c in COLUMNS]
    return "\n".join(table(["name", "heading", "unit", "meaning"], body)) + "\n"


def _legend(frame: pd.DataFrame) -> list[str]:
    """What each column means."""
    lines = [f"Errors are in kcal/mol, over test folds {most_folds(frame)}.", ""]
    return lines + [
        f"- **{c.title}**: {c.help}" for c in SHOWN if c.title not in ("feature", "model")
    ]


def _notes(frame: pd.DataFrame) -> list[str]:
    """Notes on budgets and on single entries."""
    lines = []
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


def _literature(frame: pd.DataFrame) -> list[str]:
    """Published figures that stand beside no entry, and all sources."""
    dataset = str(frame["dataset"].iloc[0])
    used = cited(dataset, zip(frame["feature"], frame["model"], strict=True))
    others = other_methods(dataset)
    lines = []
    if others:
        body = [
            [
                o.method,
                *("" if e is None else f"{e:g}" for e in (o.mae, o.rmse)),
                o.source.name,
                o.molecules,
            ]
            for o in others
        ]
        lines += ["", "Other published figures:", ""]
        lines += table(["method", "MAE", "RMSE", "source", "on"], body)
    used += [s for s in dict.fromkeys(o.source for o in others) if s not in used]
    if used:
        lines += ["", "Sources:", "", *(f"- {_cited(source)}" for source in used)]
    return lines


def _cited(source: Source) -> str:
    """Citation with a link, led by the name that tables use."""
    return (
        f"**{source.name}**: {source.authors}, *{source.title}*, {source.venue} ({source.year}), "
        f"<{source.link}>"
    )
