"""Our learning curves beside published ones: one table."""

from __future__ import annotations

import pytest

from qm7bench.leaderboard.documents import OTHER_CURVES, replaced
from qm7bench.leaderboard.other_curves import beside_others
from qm7bench.leaderboard.publishing import read_published_curves
from qm7bench.leaderboard.reference_values import OtherCurve, other_curves, sources


@pytest.fixture
def lines():
    """Lines of the table of curves with the given errors by size."""
    source = next(iter(sources().values()))

    def of(*errors):
        others = [OtherCurve(f"method {i}", source, own) for i, own in enumerate(errors)]
        _, _, *body = beside_others([], others).splitlines()
        return [[cell.strip() for cell in line.split("|")[1:-1]] for line in body]

    return of


def test_an_error_stands_at_the_nearest_size_with_its_own_where_that_differs(lines):
    ((name, *cells, _),) = lines({800: 2.01, 10_000: 0.444, 60_000: 0.12, 100_000: 0.09})
    assert name == "method 0"
    assert cells == ["", "2.01 (800)", "", "", "0.444", "", "0.12 (60,000)", "0.09"]


def test_of_two_errors_near_a_size_the_nearer_stands(lines):
    for errors in ({20_000: 0.3, 30_000: 0.2}, {30_000: 0.2, 20_000: 0.3}):
        ((_, *cells, _),) = lines(errors)
        assert cells[5] == "0.2 (30,000)"
        assert cells.count("") == 7
    ((_, *cells, _),) = lines({10_000: 0.4, 12_500: 0.3})
    assert cells[4] == "0.4"


def test_published_curves_ascend_in_size_and_fall_in_error():
    found = other_curves("qm9")
    assert len(found) > 4
    for curve in found:
        assert list(curve.mae) == sorted(curve.mae)
        assert list(curve.mae.values()) == sorted(curve.mae.values(), reverse=True)
    assert other_curves("qm7") == []


def test_the_page_of_qm9_has_the_table(repository):
    page = (repository / "docs" / "qm9.md").read_text(encoding="utf-8")
    own = read_published_curves(repository / "results" / "published" / "qm9")
    table = beside_others(own, other_curves("qm9"))
    assert replaced(page, table, OTHER_CURVES) == page, "run `make publish DATASET=qm9`"
    assert "large_electronic_kernel_ridge, fold 0 | 4.23" in table
