"""Section on learning curves: what more molecules bring."""

from __future__ import annotations

from qm7bench.leaderboard.cells import Cell, Record
from qm7bench.leaderboard.learning_curves import by_entry, error, exponent
from qm7bench.leaderboard.names import in_words
from qm7bench.leaderboard.reference_values import other_curves, other_methods
from qm7bench.report.data import ReportData
from qm7bench.report.figures import learning_curves as figures_learning_curves
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import Panel, Section, Table


def learning_curves(data: ReportData, gallery: Gallery) -> Section | None:
    """Section: error against the number of training molecules; nothing without curves."""
    curves = by_entry(data.curves)
    if not curves:
        return None
    name = data.dataset.name
    others = other_curves(name)
    steepest = max(curves, key=lambda curve: curve[0]["exponent"] or 0.0)[0]
    values = {
        "panel": Panel(
            figures_learning_curves.learning_curves(gallery, curves, others, other_methods(name)),
            "Both scales are logarithmic: a straight line is a power law. Bars are standard "
            "deviations over folds and draws; thin lines are fitted laws, with the exponent b of "
            "MAE = a n^-b in brackets." + (" Grey is what others published." if others else ""),
        ),
        "steepest": f"{in_words(steepest['model'])} on {in_words(steepest['feature'])}",
        "factor": 2.0 ** steepest["exponent"] if steepest["exponent"] else None,
        "table": _table(curves),
    }
    return Section("learning", "Learning curves", values)


def _table(curves: list[list[Record]]) -> Table:
    sizes = sorted({r["training_molecules"] for c in curves for r in c if not r["all_molecules"]})
    head = [Cell("entry"), *(Cell(f"{n:,}") for n in sizes), Cell("all"), Cell("exponent")]
    body = []
    for curve in curves:
        errors = {r["training_molecules"]: r for r in curve if not r["all_molecules"]}
        cells = [Cell(f"{in_words(curve[0]['model'])} · {in_words(curve[0]['feature'])}")]
        for n in sizes:
            cells.append(Cell(error(errors[n]), errors[n]["mae"]) if n in errors else Cell(""))
        cells.append(Cell(error(curve[-1]), curve[-1]["mae"]))
        cells.append(Cell(exponent(curve[0]), curve[0]["exponent"]))
        body.append(cells)
    caption = "MAE in kcal/mol by the number of training molecules, mean ± standard deviation"
    return Table(caption, head, body)
