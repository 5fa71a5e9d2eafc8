"""The report as a whole: what it says, and that each file stands on its own."""

import re
import subprocess
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

import numpy as np
import pytest
from report_example import EDGE, FOLDS, ROWS, small_dataset, write_results

from qm7bench.cli import main
from qm7bench.report.data import read_report_data
from qm7bench.report.names import in_words
from qm7bench.report.sections.run import commit, machine

VOID = {"meta", "link", "input", "br", "img"}


class Checker(HTMLParser):
    """Collects what must hold of any page: closed tags, unique ids, addresses."""

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.ids, self.addresses = [], [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        self.addresses += [values[k] for k in ("src", "href", "xlink:href") if values.get(k)]
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


def arguments(folder, output, *more, folds=FOLDS):
    return [
        "report",
        *("--dataset", str(folder / "dataset" / "metadata.json")),
        *("--models", str(folder / "models")),
        *("--folds", *map(str, folds)),
        *("--output", str(output / "report.html"), "--explorer", str(output / "explore.html")),
        *("--figures", str(output / "figures")),
        *more,
    ]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "qm7"
    write_results(folder, small_dataset())
    assert main(arguments(folder, folder)) == 0
    return folder


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
    allowed = re.compile(r"#|data:|report\.html$|explore\.html(#\d+)?$")
    assert [a for a in checked(results / name).addresses if not allowed.match(a)] == []


def test_links_inside_the_page_lead_somewhere(results):
    checker = checked(results / "report.html")
    inside = {a[1:] for a in checker.addresses if a.startswith("#")}
    assert inside <= set(checker.ids)


def test_every_row_and_what_was_run_are_named(page):
    for feature, model in ROWS:
        assert in_words(feature) in page
        assert in_words(model) in page
    assert "0123456789abcdef" * 4 in page
    assert "numpy 2.4.0" in page


def test_marks_of_templates_are_all_filled(results, page):
    explorer = (results / "explore.html").read_text(encoding="utf-8")
    assert not re.search(r"<!--\w+-->|/\*[\w.]+\*/", page + explorer)


def test_a_choice_on_the_edge_of_its_grid_is_warned_of(page):
    warnings = re.search(r'<ul class="warnings">(.*?)</ul>', page, re.DOTALL)[1]
    assert warnings.count("<li>") == 1
    assert in_words(EDGE[0]) in warnings
    assert "alpha from 0.01 to 10" in warnings


def test_odd_rows_are_explained_with_the_numbers_of_the_table(results, page):
    data = read_report_data(results / "dataset" / "metadata.json", results / "models", None, FOLDS)
    for feature in ("columns_sorted_coulomb_matrix", "sorted_coulomb_matrix"):
        row = data.row(feature, "ridge_standardized")
        assert f">{row.record['mae']:.2f}</td>" in page
    assert "32.54" in page
    assert "sorting both lowers the nested error" in page


def test_training_curves_only_for_rows_with_epochs(results):
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


def test_figures_of_an_earlier_report_go(results, tmp_path):
    old = tmp_path / "figures" / "parity_of_a_row_that_is_gone.svg"
    old.parent.mkdir()
    old.touch()
    assert main(arguments(results, tmp_path)) == 0
    assert not old.exists()


def test_unfinished_rows_are_left_out_and_named(tmp_path):
    write_results(tmp_path, small_dataset())
    (tmp_path / "models/eigenspectrum/k_nearest_neighbours/fold3/metrics.json").unlink()
    assert main(arguments(tmp_path, tmp_path)) == 0
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "unfinished: eigenspectrum/k_nearest_neighbours" in text
    assert f"<dd>{len(ROWS) - 1}, with" in text


def test_a_named_row_that_is_unfinished_is_an_error(results, tmp_path, capsys):
    command = arguments(results, tmp_path, "--rows", "eigenspectrum/no_such_model")
    assert main(command) == 1
    assert "no_such_model" in capsys.readouterr().err
    assert not (tmp_path / "report.html").exists()


def test_no_rows_at_all_are_an_error_that_says_what_to_do(tmp_path, capsys):
    write_results(tmp_path, small_dataset(), rows={})
    assert main(arguments(tmp_path, tmp_path)) == 1
    assert "run the workflow first" in capsys.readouterr().err


@pytest.mark.parametrize("folds", [[0], [1, 4]])
def test_one_row_some_folds_and_another_data_set_do(tmp_path, folds):
    write_results(tmp_path, small_dataset("qm9small"), {("atom_counts", "ridge"): 5.0}, folds)
    assert main(arguments(tmp_path, tmp_path, folds=folds)) == 0
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert checked(tmp_path / "report.html").faults == []
    assert 'id="odd"' not in text


def test_the_same_results_give_the_same_figures(results, tmp_path):
    assert main(arguments(results, tmp_path)) == 0
    for path in (results / "figures").glob("*.svg"):
        assert path.read_bytes() == (tmp_path / "figures" / path.name).read_bytes()


def test_featured_rows_are_the_best_of_each_kind_of_model(results):
    data = read_report_data(results / "dataset" / "metadata.json", results / "models", None, FOLDS)
    kinds = [row.made_by["module"] for row in data.featured]
    assert len(set(kinds)) == len(kinds)
    assert data.featured[0] is data.rows[0]


def test_errors_stand_at_their_molecules(results):
    data = read_report_data(results / "dataset" / "metadata.json", results / "models", None, [2])
    row = data.rows[0]
    assert np.array_equal(np.isfinite(row.errors), data.dataset.folds == 2)
    mean = np.nanmean(np.abs(row.errors))
    assert mean == pytest.approx(row.record["mae"], abs=1e-9)  # kcal/mol


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
    heading = page.index("to above")
    assert re.search(r'title="p = [^"]*, \d+ molecules"', page[heading:])


def test_coverage_is_told_over_all_and_by_group(page):
    assert re.search(r"intervals of [^.]* hold \d+\.\d % of all its molecules: by size from", page)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sorted_coulomb_matrix", "sorted Coulomb matrix"),
        ("painn", "PaiNN"),
        ("my_own_model", "my own model"),
    ],
)
def test_names_are_written_as_the_field_writes_them(name, words):
    assert in_words(name) == words


def test_the_machine_is_described():
    assert "cores" in machine()
