"""The report of published entries, which need no training."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from report_example import small_dataset, write_results

from qm7bench.artefacts.artefact import read_json
from qm7bench.cli import main
from qm7bench.leaderboard.documents import LEADERBOARD
from qm7bench.report.reading import read_published_report_data

ENTRIES = {
    ("sorted_coulomb_matrix", "ridge_standardized"): 21.0,
    ("eigenspectrum", "k_nearest_neighbours"): 70.0,
    ("eigenspectrum", "kernel_ridge_gaussian"): 9.0,
    ("atom_counts", "mean_predictor"): 180.0,
}
ONE_FOLD = {("nearest_neighbour_graph", "custom_gnn_1"): 2.0}
TWO_FOLDS = {("radius_graph_document", "dimenet_document"): 3.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    dataset = small_dataset()
    write_results(folder, dataset, ENTRIES)
    write_results(folder, dataset, ONE_FOLD, folds=[2])
    write_results(folder, dataset, TWO_FOLDS, folds=[0, 3])
    words = ["publish", "--results", folder, "--published", folder / "published"]
    assert main([str(word) for word in words]) == 0
    return folder


def arguments(folder, output, *more):
    words = ["report", "--dataset", folder / "dataset" / "metadata.json"]
    words += ["--published", folder / "published", "--output", output / "report.html"]
    words += ["--explorer", output / "explore.html", "--figures", output / "figures", *more]
    return [str(word) for word in words]


def test_every_published_entry_is_in_the_report(folder, tmp_path):
    assert main(arguments(folder, tmp_path)) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for feature, model in [*ENTRIES, *ONE_FOLD, *TWO_FOLDS]:
        assert model.split("_")[0] in page
        assert feature.split("_")[0] in page
    assert re.search(r"<td[^>]*>[\d.]+ \(fold 2\)</td>", page)
    assert re.search(r"<td[^>]*>[\d.]+ ± [\d.]+ \(folds 0 3\)</td>", page)
    assert "<dd>0, 1, 2, 3, 4 of 5</dd>" in page
    assert 'id="grids"' in page
    assert 'id="training"' not in page


def test_a_figure_of_one_fold_stands_beside_ours_on_that_fold(folder, tmp_path):
    assert main(arguments(folder, tmp_path)) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    entry = folder / "models" / Path(*next(iter(TWO_FOLDS)))
    ours = [read_json(entry / f"fold{fold}" / "metrics.json")["mae"] for fold in (0, 3)]
    table = page.partition("Published errors and ours")[2].partition("</table>")[0]
    (line,) = [line for line in table.split("<tr") if "MAE 2.03" in line]
    assert f">{ours[0]:.2f}<" in line
    assert f"{ours[0]:.2f}" != f"{np.mean(ours):.2f}"


def test_entries_of_fewer_folds_do_not_decide_what_is_compared_on_all_molecules(folder):
    metadata = folder / "dataset" / "metadata.json"
    data = read_published_report_data(metadata, folder / "published")
    assert data.folds == [0, 1, 2, 3, 4]
    assert data.entries[0].folds == [2]
    assert [entry.folds for entry in data.complete] == [[0, 1, 2, 3, 4]] * len(ENTRIES)


@pytest.mark.parametrize("more", [["--leaderboard", "a.csv"], ["--curves", "a.parquet"]])
def test_what_is_for_finished_entries_only_is_an_error(folder, tmp_path, capsys, more):
    assert main(arguments(folder, tmp_path, *more)) == 1
    assert "leave out --leaderboard" in capsys.readouterr().err.splitlines()[-1]


def test_models_without_a_leaderboard_are_an_error(folder, tmp_path, capsys):
    words = [w.replace("--published", "--models") for w in arguments(folder, tmp_path)]
    assert main(words) == 1
    assert "--models needs --leaderboard" in capsys.readouterr().err.splitlines()[-1]


def test_a_published_leaderboard_without_one_of_the_entries_is_an_error(folder, tmp_path, capsys):
    published = tmp_path / "published"
    shutil.copytree(folder / "published", published)
    lines = (published / "summary.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (published / "summary.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    words = [
        w.replace(str(folder / "published"), str(published)) for w in arguments(folder, tmp_path)
    ]
    assert main(words) == 1
    assert "other entries than published; run `make publish`" in capsys.readouterr().err


def test_external_entries_stand_on_leaderboard_readme_and_report_as_not_re_run(
    folder, tmp_path, capsys
):
    published, metadata = folder / "published", folder / "dataset" / "metadata.json"
    dataset = small_dataset()
    pairs = zip(dataset.ids, dataset.energies, strict=True)
    lines = ["id,prediction", *(f"{i},{energy + 1.5}" for i, energy in pairs)]
    (tmp_path / "p.csv").write_text("\n".join(lines[:-2]))
    words = ["score", tmp_path / "p.csv", "--dataset", metadata, "--published", published]
    words += ["--save", "theirs", "--author", "A. <b>Chemist</b>", "--method", "a | b"]
    words += ["--training-data", "training folds", "--link", "https://example.org/paper"]
    assert main([str(word) for word in words]) == 0
    pages = [tmp_path / name for name in ("README.md", "leaderboard.md")]
    for page in pages:
        page.write_text("".join(LEADERBOARD))
    words = ["publish", "--published", published, "--readme", pages[0], "--leaderboard", pages[1]]
    try:
        assert main([str(word) for word in words]) == 0
        assert main(arguments(folder, tmp_path)) == 0
    finally:
        shutil.rmtree(published / "external")
    readme, whole = (page.read_text() for page in pages)
    best = "Best: [theirs](https://example.org/paper), MAE 1.500 ± 0.000 kcal/mol."
    assert f"External, not re-run: 1 entry, scored from predictions of others. {best}" in readme
    (line,) = [line for line in whole.splitlines() if "[theirs]" in line]
    molecules = f"{len(dataset) - 2} of {len(dataset)}"
    assert line == (
        "| [theirs](https://example.org/paper) | a \\| b | A. &lt;b&gt;Chemist&lt;/b&gt; | "
        f"training folds | predefined | 1.500 ± 0.000 | 1.500 ± 0.000 | {molecules} |"
    )
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<h3>External, not re-run</h3>" in report
    assert '<a href="https://example.org/paper">theirs</a>' in report
    assert "A. &lt;b&gt;Chemist&lt;/b&gt;" in report
