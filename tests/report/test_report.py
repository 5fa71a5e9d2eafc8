"""The report as a whole: what it says, and that each file stands on its own."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from report_example import EDGE, ENTRIES, arguments, small_dataset, summarized, write_results

from qm7bench.artefacts.artefact import read_json, write_json
from qm7bench.cli import main
from qm7bench.leaderboard.names import in_words
from qm7bench.report.reading import read_report_data
from qm7bench.report.sections.provenance import commit, machine

VOID = {"meta", "link", "input", "br", "img"}


class Checker(HTMLParser):
    """Collects what must hold of any page: closed tags, unique ids, addresses."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.ids, self.addresses, self.links = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        found = [values[k] for k in ("src", "href", "xlink:href") if values.get(k)]
        (self.links if tag == "a" else self.addresses).extend(found)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append((tag, self.getpos()))


def checked(path):
    checker = Checker()
    checker.feed(path.read_text(encoding="utf-8"))
    return checker


def read(folder):
    metadata = folder / "dataset" / "metadata.json"
    return read_report_data(metadata, folder / "summary.parquet", folder / "models")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "qm7"
    write_results(folder, small_dataset())
    summarized(folder)
    assert main(arguments(folder, folder)) == 0
    return folder


@pytest.fixture(scope="module")
def data(results):
    return read(results)


@pytest.fixture(scope="module")
def page(results):
    return (results / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["report.html", "explore.html"])
def test_tags_close_and_ids_are_unique(results, name):
    checker = checked(results / name)
    assert checker.faults == []
    assert checker.open == []
    assert len(set(checker.ids)) == len(checker.ids)


@pytest.mark.parametrize("name", ["report.html", "explore.html"])
def test_nothing_is_fetched_from_anywhere(results, name):
    text = (results / name).read_text(encoding="utf-8")
    assert not re.search(r"@import|url\((?!#)|fetch\(|XMLHttpRequest|import\(", text)
    allowed = re.compile(r"#|data:")
    checker = checked(results / name)
    assert [a for a in checker.addresses if not allowed.match(a)] == []
    links = re.compile(r"#|https://|report\.html$|explore\.html(#\d+)?$")
    assert [a for a in checker.links if not links.match(a)] == []


def test_links_inside_the_page_lead_somewhere(results):
    checker = checked(results / "report.html")
    inside = {a[1:] for a in [*checker.addresses, *checker.links] if a.startswith("#")}
    assert inside <= set(checker.ids)


def test_the_page_opens_with_the_figure_and_ends_with_where_it_comes_from(page):
    anchors = re.findall(r'<section id="(\w+)">', page)
    assert anchors[:2] == ["overview", "leaderboard"]
    assert anchors[-1] == "provenance"
    opening = page[page.index('id="overview"') : page.index('id="leaderboard"')]
    assert 'aria-label="error against cost"' in opening
    for words in ("<strong>nested</strong>", "optimistic", "<strong>Chemical accuracy</strong>"):
        assert words in opening


def test_the_ten_best_are_in_the_order_of_the_leaderboard(page, data):
    opening = page[page.index('id="overview"') : page.index('id="leaderboard"')]
    body = opening[opening.index("<tbody>") : opening.index("</tbody>")]
    found = [re.findall(r"<td[^>]*>([^<]*)</td>", row)[1] for row in body.split("<tr>")[1:]]
    assert found == [entry.model for entry in data.entries]


def test_every_entry_names_its_track_and_family_for_the_filters(page):
    body = page[page.index('id="entries"') :]
    rows = re.findall(r'<tr data-track="([^"]+)" data-family="([^"]+)">', body)
    assert len(rows) == len(ENTRIES)
    assert {track for track, _ in rows} == {"training folds alone"}
    assert {family for _, family in rows} == {"mean", "linear", "kernel", "neighbours", "other"}


def test_without_scripts_the_filters_are_hidden_and_the_table_is_whole(page):
    assert '<form class="filters" hidden>' in page
    assert not re.search(r"<tr[^>]* hidden", page)


def test_text_of_data_is_escaped(tmp_path):
    dataset = replace(small_dataset(), name="qm7")
    write_results(tmp_path, dataset, {("atom_counts", "ridge"): 5.0})
    path = tmp_path / "dataset" / "metadata.json"
    metadata = read_json(path)
    metadata["made_from"]["file"] = "<script>alert(1)</script>"
    write_json(path, metadata)
    summarized(tmp_path)
    assert main(arguments(tmp_path, tmp_path)) == 0
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_every_entry_and_what_was_run_are_named(page):
    for feature, model in ENTRIES:
        assert in_words(feature) in page
        assert in_words(model) in page
    assert "0123456789abcdef" * 4 in page
    assert "numpy 2.4.0" in page


def test_marks_of_templates_are_all_filled(results, page):
    explorer = (results / "explore.html").read_text(encoding="utf-8")
    assert not re.search(r"\{\{|\{%|\{#", page + explorer)


def test_a_choice_on_the_edge_of_its_grid_is_warned_of(page):
    warnings = re.search(r'<ul class="warnings">(.*?)</ul>', page, re.DOTALL)[1]
    assert warnings.count("<li>") == 1
    assert in_words(EDGE[0]) in warnings
    assert "alpha from 0.01 to 10" in warnings


def test_errors_of_the_replicated_study_are_explained_with_the_numbers_of_the_table(data, page):
    for feature in ("columns_sorted_coulomb_matrix", "sorted_coulomb_matrix"):
        entry = data.entry(feature, "ridge_standardized")
        assert f">{entry.record['mae']:.2f}</td>" in page
    assert "32.54" in page
    assert "sorting both lowers the nested error" in page


def test_sources_of_published_errors_are_cited_with_their_titles(page):
    section = page[page.index('id="replication"') : page.index('id="grids"')]
    assert "<cite>Estimating Atomization Energies in the QM7 Dataset" in section
    assert '<a href="https://' in section


def test_training_curves_only_for_entries_with_epochs(results):
    names = [p.name for p in (results / "figures").glob("training_*.svg")]
    assert names == ["training_radius_graph.schnet-quick.svg"]


def test_figures_are_whole_svg_files_on_white(results):
    files = sorted((results / "figures").glob("*.svg"))
    assert len(files) >= 8
    for path in files:
        root = ElementTree.parse(path).getroot()
        assert root.tag.endswith("svg")
        assert root[0].get("fill") == "#fff"
        assert "<text" in path.read_text(encoding="utf-8")


def test_unfinished_entries_are_left_out_and_named(tmp_path):
    write_results(tmp_path, small_dataset())
    (tmp_path / "models/eigenspectrum/k_nearest_neighbours/fold3/metrics.json").unlink()
    summarized(tmp_path)
    assert main(arguments(tmp_path, tmp_path)) == 0
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "unfinished or without predictions: eigenspectrum/k_nearest_neighbours" in text
    assert f"<dd>{len(ENTRIES) - 1}, with" in text


def test_an_entry_whose_fits_are_gone_is_an_error(results, tmp_path, capsys):
    folder = tmp_path / "qm7"
    shutil.copytree(results, folder)
    shutil.rmtree(folder / "models" / "eigenspectrum")
    assert main(arguments(folder, tmp_path)) == 1
    assert "eigenspectrum" in capsys.readouterr().err
    assert not (tmp_path / "report.html").exists()


def test_a_leaderboard_that_is_older_than_the_fits_is_an_error(results, tmp_path, capsys):
    folder = tmp_path / "qm7"
    shutil.copytree(results, folder)
    write_results(folder, small_dataset(), {("eigenspectrum", "k_nearest_neighbours"): 60.0})
    assert main(arguments(folder, tmp_path)) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert "eigenspectrum k_nearest_neighbours: the leaderboard says MAE" in last
    assert "make the leaderboard again" in last


def test_without_a_leaderboard_it_says_what_to_do(tmp_path, capsys):
    write_results(tmp_path, small_dataset(), {("atom_counts", "ridge"): 5.0})
    assert main(arguments(tmp_path, tmp_path)) == 1
    assert "summary.parquet" in capsys.readouterr().err


@pytest.mark.parametrize("folds", [[0], [1, 4]])
def test_one_entry_some_folds_and_another_data_set_do(tmp_path, folds):
    write_results(tmp_path, small_dataset("qm9small"), {("atom_counts", "ridge"): 5.0}, folds)
    summarized(tmp_path, folds)
    assert main(arguments(tmp_path, tmp_path)) == 0
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert checked(tmp_path / "report.html").faults == []
    assert 'id="replication"' not in text


@pytest.fixture(scope="module")
def again(results, tmp_path_factory):
    """Folder of a second report of the same results, where an earlier one left a figure."""
    folder = tmp_path_factory.mktemp("again")
    old = folder / "figures" / "parity_of_an_entry_that_is_gone.svg"
    old.parent.mkdir()
    old.touch()
    assert main(arguments(results, folder)) == 0
    return folder


def test_the_same_results_give_the_same_figures(results, again):
    for path in (results / "figures").glob("*.svg"):
        assert path.read_bytes() == (again / "figures" / path.name).read_bytes()


def test_figures_of_an_earlier_report_go(results, again):
    names = [path.name for path in sorted((again / "figures").iterdir())]
    assert names == [path.name for path in sorted((results / "figures").iterdir())]


def test_featured_entries_are_the_best_of_each_kind_of_model(data):
    kinds = [entry.fits.module for entry in data.featured]
    assert len(set(kinds)) == len(kinds)
    assert data.featured[0] is data.entries[0]


def test_errors_stand_at_their_molecules(tmp_path):
    write_results(tmp_path, small_dataset(), folds=[2])
    summarized(tmp_path, [2])
    found = read(tmp_path)
    entry = found.entries[0]
    assert np.array_equal(np.isfinite(entry.errors), found.dataset.folds == 2)
    mean = np.nanmean(np.abs(entry.errors))
    assert mean == pytest.approx(entry.record["mae"], abs=1e-9)  # kcal/mol


def test_the_commit_is_named_and_local_changes_are_said(tmp_path):
    def git(*words):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        command = ["git", "-C", str(tmp_path), *who, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    assert commit(tmp_path) == "not in a git repository"
    git("init", "--quiet")
    (tmp_path / "file").write_text("one")
    git("add", "file")
    git("commit", "--quiet", "--message", "First")
    head = git("rev-parse", "HEAD")
    assert commit(tmp_path) == head
    (tmp_path / "file").write_text("two")
    assert commit(tmp_path) == f"{head} with local changes"


def test_neighbours_in_the_leaderboard_are_compared(page):
    heading = page.index(">to above<")
    assert re.search(r'title="q = [^"]*"', page[heading:])


def test_coverage_is_told_over_all_and_by_group(page):
    text = re.sub(r"\s+", " ", page.replace("&nbsp;", " "))
    assert re.search(r"intervals of [^.]* cover \d+\.\d % of all its molecules: by size from", text)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sorted_coulomb_matrix", "sorted Coulomb matrix"),
        ("painn", "PaiNN"),
        ("my_own_model", "my own model"),
        ("gfn2_xtb, qm9large", "GFN2-xTB, qm9large"),
        ("fchl19_extended_huckel", "FCHL19 extended Hückel"),
    ],
)
def test_names_are_written_as_the_field_writes_them(name, words):
    assert in_words(name) == words


def test_the_machine_is_described():
    assert "cores" in machine()
