"""The figure of error against cost for README and docs, from what is published."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from qm7bench.cli import main

SVG = "{http://www.w3.org/2000/svg}"


def texts_of(path):
    return [element.text for element in ElementTree.parse(path).iter(f"{SVG}text")]


def test_the_published_entries_are_drawn_on_white(repository, tmp_path):
    published, output = repository / "results" / "published" / "qm7", tmp_path / "cost.svg"
    assert main(["figure", "--published", str(published), "--output", str(output)]) == 0
    texts = texts_of(output)
    for words in ("kernel", "network", "linear", "neighbours", "chemical accuracy"):
        assert words in texts
    assert any("also uses" in text for text in texts)
    background = ElementTree.parse(output).getroot()[0]
    assert (background.tag, background.get("fill")) == (f"{SVG}rect", "#fff")


def test_the_figure_in_the_docs_is_that_of_the_published_entries(repository, tmp_path):
    published, output = repository / "results" / "published" / "qm7", tmp_path / "cost.svg"
    assert main(["figure", "--published", str(published), "--output", str(output)]) == 0
    kept = repository / "docs" / "error_against_cost.svg"
    assert texts_of(kept) == texts_of(output), "run `make publish`"


def test_without_published_entries_it_says_what_is_missing(tmp_path, capsys):
    words = ["figure", "--published", str(tmp_path), "--output", str(tmp_path / "cost.svg")]
    assert main(words) == 1
    assert "summary.csv: does not exist; make the leaderboard first" in capsys.readouterr().err
