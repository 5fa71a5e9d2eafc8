"""Section on learning curves: what more molecules bring."""

from __future__ import annotations

from qm7bench.leaderboard.learning_curves import Record, by_row, error, exponent
from qm7bench.report.data import ReportData
from qm7bench.report.figures import learning_curves as figures_learning_curves
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.html import Cell, columns, figure, paragraph, section, table
from qm7bench.report.names import in_words


def learning_curves(data: ReportData, gallery: Gallery) -> str:
    """Section: error against the number of training molecules; nothing without curves."""
    rows = by_row(data.curves)
    if not rows:
        return ""
    steepest = max(rows, key=lambda row: row[0]["exponent"] or 0.0)
    text = paragraph(
        "The same test folds after training on a part of the training molecules, drawn at random, "
        "stratified by energy, and the same for all rows. Hyper-parameters are chosen inside that "
        "part; the last point is the row itself.",
        _sentence(steepest[0]),
    )
    drawn = figure(
        figures_learning_curves.learning_curves(gallery, rows),
        "Both scales are logarithmic: a straight line is a power law. Bars are standard deviations "
        "over folds and draws; thin lines are fitted laws, with the exponent b of MAE = a n^-b in "
        "brackets.",
    )
    return section("learning", "Learning curves", text, columns([drawn]), _table(rows))


def _sentence(record: Record) -> str:
    if record["exponent"] is None:
        return ""
    name = f"{in_words(record['model'])} on {in_words(record['feature'])}"
    factor = 2.0 ** record["exponent"]
    return (
        f"{name[0].upper()}{name[1:]} learns fastest: twice the molecules divide its error by "
        f"{factor:.2f}."
    )


def _table(rows: list[list[Record]]) -> str:
    sizes = sorted({r["training_molecules"] for row in rows for r in row if not r["all_molecules"]})
    head = [Cell("row"), *(Cell(f"{n:,}") for n in sizes), Cell("all"), Cell("exponent")]
    body = []
    for row in rows:
        errors = {r["training_molecules"]: r for r in row if not r["all_molecules"]}
        cells = [Cell(f"{in_words(row[0]['model'])} · {in_words(row[0]['feature'])}")]
        for n in sizes:
            cells.append(Cell(error(errors[n]), errors[n]["mae"]) if n in errors else Cell(""))
        cells.append(Cell(error(row[-1]), row[-1]["mae"]))
        cells.append(Cell(exponent(row[0]), row[0]["exponent"]))
        body.append(cells)
    caption = "MAE in kcal/mol by the number of training molecules, mean ± standard deviation"
    return table(head, body, caption=caption)
