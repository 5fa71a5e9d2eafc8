"""The figures for README and docs, from what is published."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from qm7bench.cli import main

SVG = "{http://www.w3.org/2000/svg}"


def texts_of(path):
    return [element.text for element in ElementTree.parse(path).iter(f"{SVG}text")]


def test_the_published_entries_are_drawn_on_white(repository, tmp_path):
    published, output = repository / "results" / "published" / "qm7", tmp_path / "cost.svg"
    assert main(["figure", "cost", "--published", str(published), "--output", str(output)]) == 0
    texts = texts_of(output)
    for words in ("kernel", "network", "linear", "neighbours", "chemical accuracy"):
        assert words in texts
    assert any("also uses" in text for text in texts)
    background = ElementTree.parse(output).getroot()[0]
    assert (background.tag, background.get("fill")) == (f"{SVG}rect", "#fff")


@pytest.mark.parametrize(
    ("kind", "dataset", "name"),
    [
        ("cost", "qm7", "error_against_cost.svg"),
        ("curves", "qm9", "qm9_learning_curves.svg"),
        ("growth", "qm9", "cost_growth.svg"),
    ],
)
def test_the_figures_in_the_docs_are_those_of_what_is_published(
    repository, tmp_path, kind, dataset, name
):
    published, output = repository / "results" / "published" / dataset, tmp_path / name
    assert main(["figure", kind, "--published", str(published), "--output", str(output)]) == 0
    assert texts_of(repository / "docs" / name) == texts_of(output), "run `make publish`"


def test_published_curves_of_others_are_drawn_beside_ours(repository, tmp_path):
    published, output = repository / "results" / "published" / "qm9", tmp_path / "curves.svg"
    assert main(["figure", "curves", "--published", str(published), "--output", str(output)]) == 0
    first, *rest = [text for text in texts_of(output) if "(" in text and "kcal" not in text]
    assert first.startswith("delta large density kernel ridge")
    assert rest[1].startswith("large electronic kernel ridge")
    assert "FCHL18 (Deringer et al. 2021)" in rest
    assert sum(text.startswith("PaiNN 0.135") for text in rest) == 1
    # The last point of a curve is not drawn as a method once more.
    assert not any(text.startswith("kernel on") for text in rest)


def test_growth_has_time_and_names_how_it_grows(repository, tmp_path):
    published, output = repository / "results" / "published" / "qm9", tmp_path / "growth.svg"
    assert main(["figure", "growth", "--published", str(published), "--output", str(output)]) == 0
    texts = texts_of(output)
    assert "CPU seconds of a fold" in texts
    assert "peak memory (GB)" in texts
    (large,) = [t for t in texts if t.startswith("large electronic kernel ridge")]
    # The factorisation's cube does not bind yet: pairs grow as the square.
    assert 1.5 < float(large.split("n^")[1].rstrip(")")) < 3


def test_without_curves_it_says_so(repository, tmp_path, capsys):
    words = ["figure", "curves", "--published", str(tmp_path), "--output", str(tmp_path / "c.svg")]
    assert main(words) == 1
    assert "has no learning curves; publish some first" in capsys.readouterr().err


def test_without_published_entries_it_says_what_is_missing(tmp_path, capsys):
    words = ["figure", "cost", "--published", str(tmp_path), "--output", str(tmp_path / "cost.svg")]
    assert main(words) == 1
    assert "summary.csv: does not exist; make the leaderboard first" in capsys.readouterr().err
