"""Error against cost: which entries are on the line, and how they are told apart."""

from __future__ import annotations

import re

from qm7bench.report.figures.costs import CostPoint, error_against_cost, on_front
from qm7bench.report.figures.gallery import Gallery
from qm7bench.report.figures.style import COLOURS


def point(rank, seconds, mae, family="kernel", track=""):
    return CostPoint(rank, f"model {rank}", "representation", family, track, seconds, mae)


def test_the_front_is_cheapest_first_and_what_nothing_beats():
    points = [point(1, 50.0, 0.5), point(2, 60.0, 0.8), point(3, 10.0, 3.0), point(4, 20.0, 9.0)]
    assert [p.rank for p in on_front(points)] == [3, 1]


def test_a_third_digit_after_the_point_is_no_better():
    points = [point(1, 50.0, 0.7999), point(2, 10.0, 0.8001)]
    assert [p.rank for p in on_front(points)] == [2]


def test_separate_tracks_are_not_ranked_with_the_others():
    points = [point(1, 50.0, 0.5), point(2, 5.0, 0.1, track="GFN2-xTB")]
    assert [p.rank for p in on_front(points)] == [1]


def test_families_and_tracks_are_in_the_legend_once():
    points = [
        point(1, 50.0, 0.5),
        point(2, 10.0, 2.0),
        point(3, 5.0, 9.0, family="network"),
        point(4, 4.0, 8.0, family="tree"),
        point(5, 3.0, 7.0, track="GFN2-xTB"),
    ]
    image = error_against_cost(Gallery(), points, "figure", (8.0, 4.8), key=True)
    texts = re.findall(r">([^<>]+)</text>", image)
    for words in ("kernel", "network", "tree", "also uses energies of GFN2-xTB"):
        assert texts.count(words) == 1
    assert "linear" not in texts
    assert any("1 model 1, 0.50" in text for text in texts)


def test_without_the_key_ranks_stand_at_the_entries_on_the_front_only():
    points = [point(17, 50.0, 0.5), point(18, 60.0, 2.0)]
    image = error_against_cost(Gallery(), points, "figure", (4.0, 4.0), key=False)
    texts = re.findall(r">([^<>]+)</text>", image)
    assert "17" in texts
    assert "18" not in texts
    assert not any("model" in text for text in texts)


def test_two_families_differ_in_colour_and_in_shape():
    def drawn(family):
        gallery = Gallery()
        error_against_cost(gallery, [point(1, 50.0, 0.5, family)], "figure", (4.0, 4.0), key=False)
        return gallery.images["figure"]

    kernel, network = drawn("kernel"), drawn("network")
    assert COLOURS[0] in kernel
    assert COLOURS[0] not in network
    assert COLOURS[1] in network
    shape = re.compile(r'<path id="figure-m[0-9a-f]+" d="([^"]+)"')
    assert set(shape.findall(kernel)) != set(shape.findall(network))
