"""The factor in panels against SciPy's, whatever the height of a panel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import LinAlgError, cho_solve, cholesky

from qm7bench.regression import packed_cholesky
from qm7bench.regression.packed_cholesky import PackedCholesky, memory_of_packed


def matrix_of(rng, size):
    columns = rng.normal(size=(size, size + 3))
    return columns @ columns.T


def rows_of(matrix):
    """Rows of the lower triangle, with nonsense above the diagonal."""

    def rows(first, last):
        panel = matrix[first:last, :last].copy()
        above = np.arange(last)[None, :] > np.arange(first, last)[:, None]
        panel[above] = 1e9
        return panel

    return rows


@pytest.mark.parametrize(("size", "panel"), [(1, 4), (7, 1), (10, 4), (12, 4), (50, 64)])
def test_it_solves_as_scipy_does(rng, monkeypatch, size, panel):
    monkeypatch.setattr(packed_cholesky, "PANEL", panel)
    matrix, targets = matrix_of(rng, size), rng.normal(size=(size, 2))
    factor = PackedCholesky.of(rows_of(matrix), size)
    lower = cholesky(matrix, lower=True)
    for first, own in zip(range(0, size, panel), factor.panels, strict=True):
        np.testing.assert_allclose(own, lower[first : first + len(own), : own.shape[1]], atol=1e-9)
    expected = cho_solve((lower, True), targets)
    np.testing.assert_allclose(factor.solved(targets), expected, rtol=1e-6, atol=1e-9)


def test_a_panel_is_asked_for_when_it_is_needed_and_overwritten(rng, monkeypatch):
    monkeypatch.setattr(packed_cholesky, "PANEL", 4)
    asked, given = [], []
    rows = rows_of(matrix_of(rng, 10))

    def watched(first, last):
        asked.append((first, last))
        given.append(rows(first, last))
        return given[-1]

    factor = PackedCholesky.of(watched, 10)
    assert asked == [(0, 4), (4, 8), (8, 10)]
    assert all(own is panel for own, panel in zip(factor.panels, given, strict=True))


@pytest.mark.parametrize("row", [0, 9])
def test_a_matrix_that_is_not_positive_definite_is_an_error(rng, monkeypatch, row):
    monkeypatch.setattr(packed_cholesky, "PANEL", 4)
    matrix = matrix_of(rng, 10)
    matrix[row, row] = -1.0
    with pytest.raises(LinAlgError, match="not positive definite"):
        PackedCholesky.of(rows_of(matrix), 10)


def test_it_tells_what_its_panels_take(rng, monkeypatch):
    monkeypatch.setattr(packed_cholesky, "PANEL", 16)
    factor = PackedCholesky.of(rows_of(matrix_of(rng, 100)), 100)
    held = sum(panel.nbytes for panel in factor.panels)
    assert held <= memory_of_packed(100) <= 2 * held


def test_progress_is_told_for_large_matrices(rng, monkeypatch, caplog):
    monkeypatch.setattr(packed_cholesky, "PANEL", 4)
    monkeypatch.setattr(packed_cholesky, "TOLD", 8)
    with caplog.at_level("INFO"):
        PackedCholesky.of(rows_of(matrix_of(rng, 18)), 18)
    assert caplog.messages == [f"factorised {n} of 18 rows" for n in (8, 16, 18)]
