"""The report's section on tests beyond the random fold."""

from __future__ import annotations

import pytest
from report_example import arguments, small_dataset, summarized, write_results

from qm7bench.cli import main

ENTRIES = {("sorted_coulomb_matrix", "ridge_standardized"): 20.0, ("eigenspectrum", "bad"): 60.0}


@pytest.fixture(scope="module")
def run(qm9small, tmp_path_factory):
    """A finished run on molecules that have many isomers, with its table of them."""
    folder = tmp_path_factory.mktemp("results") / "qm9small"
    write_results(folder, qm9small[::6], ENTRIES)
    summarized(folder)
    words = ["beyond", "isomers", "--dataset", folder / "dataset" / "metadata.json"]
    words += ["--models", folder / "models", "--rows", *("/".join(name) for name in ENTRIES)]
    words += ["--folds", *range(5), "--output", folder / "beyond" / "isomers"]
    assert main([str(word) for word in words]) == 0
    return folder


def section(path):
    text = (path / "report.html").read_text(encoding="utf-8")
    return text.partition('<section id="beyond">')[2].partition("</section>")[0]


def test_the_report_shows_each_table_with_what_it_means(run, tmp_path):
    table = run / "beyond" / "isomers.parquet"
    assert main(arguments(run, tmp_path, "--beyond", str(table))) == 0
    found = section(tmp_path)
    assert "<h2>Beyond the random fold</h2>" in found
    assert "<h3>Isomers</h3>" in found
    assert "All pairs of molecules of one composition" in found
    assert found.index("ridge standardized") < found.index(">bad<")
    assert 'title="Agreement of the predicted order' in found


def test_without_tables_there_is_no_section(run, tmp_path):
    assert main(arguments(run, tmp_path)) == 0
    assert section(tmp_path) == ""


def test_the_report_of_what_is_finished_makes_the_tables_itself(run, monkeypatch):
    monkeypatch.chdir(run.parent)
    assert main(["report_finished", "--results", str(run)]) == 0
    assert "<h3>Isomers</h3>" in section(run)


def test_published_tables_are_in_the_report_of_published_entries(run, tmp_path):
    published = tmp_path / "published"
    words = ["publish", "--results", run, "--published", published]
    assert main([str(word) for word in words]) == 0
    words = ["--dataset", run / "dataset" / "metadata.json", "--published", published]
    own = ["beyond", "all", *words, "--output", published / "beyond"]
    assert main([str(word) for word in own]) == 0
    pages = ["--output", tmp_path / "report.html", "--explorer", tmp_path / "explore.html"]
    own = ["report", *words, *pages, "--figures", tmp_path / "figures"]
    assert main([str(word) for word in own]) == 0
    assert "<h3>Isomers</h3>" in section(tmp_path)


def test_a_test_that_does_not_apply_is_left_out(tmp_path):
    folder = tmp_path / "qm7"
    write_results(folder, small_dataset(), ENTRIES)
    assert main(["report_finished", "--results", str(folder)]) == 0
    assert "<h3>Isomers</h3>" not in section(folder)
