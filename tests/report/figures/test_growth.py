"""The figure of what a fit costs as molecules grow."""

from __future__ import annotations

import pytest

from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.figures.growth import cost_growth, growth, label


def curve(model, exponent, memory=None):
    """Records of a curve whose time grows as n^exponent, on two points for each size."""
    return [
        {
            "feature": "bag_of_bonds",
            "model": model,
            "training_molecules": n,
            "points": 2,
            "cpu_seconds": 2 * 1e-3 * n**exponent,
            "peak_memory_mb": memory,
        }
        for n in (100, 1000, 10000)
    ]


@pytest.mark.parametrize("exponent", [1.0, 2.5])
def test_the_growth_is_the_exponent_of_the_time(exponent):
    assert growth(curve("ridge", exponent)) == pytest.approx(exponent)


def test_a_cost_that_falls_a_little_does_not_grow():
    assert label(curve("ridge", -0.01)).endswith("(at last n^0.0)")


def test_one_size_has_no_growth():
    assert growth(curve("ridge", 1.0)[:1]) is None
    assert label(curve("ridge", 1.0)[:1]) == "ridge · bag of bonds"


@pytest.mark.parametrize(("memory", "drawn"), [(None, False), (1500.0, True)])
def test_memory_is_drawn_where_any_curve_has_it(memory, drawn):
    gallery = Gallery()
    curves = [curve("ridge", 1.0), curve("kernel_ridge", 2.0, memory)]
    figure = str(cost_growth(gallery, curves))
    assert "CPU seconds of a fold" in figure
    assert "kernel ridge · bag of bonds (at last n^2.0)" in figure
    assert ("peak memory (GB)" in figure) == drawn
