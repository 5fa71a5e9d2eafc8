"""Section with every entry, to be sorted and filtered by track and family."""

from __future__ import annotations

from qm7bench.chemistry.elements import formula
from qm7bench.leaderboard.cells import Cell
from qm7bench.leaderboard.columns import SHOWN
from qm7bench.leaderboard.external import HEAD, TITLE
from qm7bench.report.data import ReportData, ReportEntry
from qm7bench.report.html import Section, Table, minus

MAIN_TRACK = "training folds alone"
NAMED = 5
"""Molecules without a prediction that are named for each entry, at most."""
NAMES = ("model", "feature")


def leaderboard(data: ReportData) -> Section:
    """Section: every entry; what its columns mean; molecules without a prediction."""
    shown = [column for column in SHOWN if column.name not in NAMES]
    head = [
        Cell("#", hint="rank by nested MAE in its track"),
        Cell("model", hint="(!) where its choice sits on an edge of its grid"),
        Cell("representation", hint="what describes a molecule to the model"),
        Cell("family", hint="of the model"),
        Cell("also uses", hint="whose energies it also uses: a separate track"),
        *(Cell(c.title, hint=f"{c.help} {_in_unit(c.unit)}".strip()) for c in shown),
    ]
    body = [_line(entry, place) for place, entry in enumerate(data.entries, start=1)]
    filtered = [(entry.track or MAIN_TRACK, entry.record["family"]) for entry in data.entries]
    caption = "Leaderboard, errors in kcal/mol, the best entry of each track first"
    return Section(
        "leaderboard",
        "All entries",
        {
            "table": Table(caption, head, body),
            "of_entries": filtered,
            "tracks": list(dict.fromkeys(track for track, _ in filtered)),
            "families": sorted({family for _, family in filtered}),
            "not_predicted": _not_predicted(data),
            "external": _external(data),
        },
    )


def _external(data: ReportData) -> dict[str, object] | None:
    """What others trained, with the address of each."""
    if not data.external:
        return None
    body = [[Cell(text) for text in entry.cells()] for entry in data.external]
    links = [entry.link for entry in data.external]
    caption = f"{TITLE}; errors in kcal/mol"
    return {"table": Table(caption, [Cell(name) for name in HEAD], body), "links": links}


def _in_unit(unit: str) -> str:
    return f"In {unit}." if unit else ""


def _line(entry: ReportEntry, place: int) -> list[Cell]:
    record = entry.record
    edge = " (!)" if record["grid_edges"] else ""
    cells = [
        Cell(entry.number, place),
        Cell(entry.model + edge, hint=_parameters(entry)),
        Cell(entry.feature),
        Cell(record["family"]),
        Cell(entry.track),
    ]
    for column in SHOWN:
        if column.cell and column.name not in NAMES:
            own = column.cell(record)
            cells.append(Cell(minus(own.text), own.value, own.hint))
    return cells


def _parameters(entry: ReportEntry) -> str:
    first = entry.fits.metrics[0]
    words = [f"{name}={value}" for name, value in first["parameters"].items()]
    return f"in fold {first['fold']}: {', '.join(words)}" if words else "no parameters"


def _not_predicted(data: ReportData) -> list[str]:
    """For each entry that has any: how many molecules it gave no prediction, and which."""
    told = []
    for entry in data.entries:
        missing = entry.without_prediction(data.dataset)
        if len(missing):
            names = [
                f"{data.dataset.ids[i]} ({formula(data.dataset.charges[i])})"
                for i in missing[:NAMED]
            ]
            rest = ["..."] if len(missing) > NAMED else []
            number = f"{len(missing):,} of {len(missing) + len(entry.known):,} molecules"
            told.append(f"{entry.number} · {entry.label}: {number}: {', '.join([*names, *rest])}")
    return told
