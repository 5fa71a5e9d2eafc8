"""The command line, step by step from molecules to a published table."""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import shlex
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import pytest

from qm7bench.artefacts.parquet import read_records, read_table
from qm7bench.cli import COMMANDS, TRACEBACK, main
from qm7bench.commands import document
from qm7bench.datasets.storage import read_dataset
from qm7bench.errors import UserError
from qm7bench.features.eigenspectrum import Eigenspectrum
from qm7bench.models.ridge import Ridge

NAMES = sorted(path.stem for path in COMMANDS.glob("[a-z]*.py"))
RIDGE = {"module": "ridge", "parameters": {}, "grid": {"alpha": [0.01, 1.0, 100.0]}, "seed": 0}
NEIGHBOURS = {"module": "k_nearest_neighbours", "parameters": {"p": 1}, "grid": {}, "seed": 0}
EIGENSPECTRUM = {"module": "eigenspectrum", "parameters": {}}


def run(*words):
    """Run a command that must succeed."""
    assert main([str(word) for word in words]) == 0


@pytest.fixture
def molecules(small_molecules, tmp_path):
    """Sixty molecules of H, C, N and O in a file as a user may have it, in eV."""
    part = small_molecules[~(small_molecules.charges == 9).any(axis=1)][50:110]
    path = tmp_path / "mine.xyz"
    with path.open("w") as file:
        for i in range(len(part)):
            n = part.sizes[i]
            print(n, f"energy={part.energies[i] / 23.060547830619:.12f}", sep="\n", file=file)
            for charge, position in zip(part.charges[i, :n], part.positions[i], strict=False):
                print("XHXXXXCNOF"[charge], *position, file=file)
    return path


@pytest.fixture
def finished(molecules, tmp_path):
    """Folder of results: one feature, two models, five folds, one table."""
    results = tmp_path / "results" / "mine"
    dataset, feature = results / "dataset" / "metadata.json", results / "feature" / "metadata.json"
    settings = json.dumps({"file": str(molecules), "energy_unit": "eV"})
    run("dataset", "mine", "--settings", settings, "--output", dataset)
    options = ["--name", "eigenspectrum", "--settings", json.dumps(EIGENSPECTRUM)]
    run("feature", dataset, *options, "--output", feature)
    distances = results / "distances" / "manhattan" / "metadata.json"
    run("distances", feature, "--metric", "manhattan", "--output", distances)
    models = results / "models"
    of_ridge = models / "eigenspectrum" / "ridge"
    common = ["--dataset", dataset, "--feature", feature]
    chosen = ["--settings", json.dumps(RIDGE), "--folds", *range(5)]
    table = of_ridge / "selection.parquet"
    written = ["--inner", of_ridge / "inner.parquet", "--cost", of_ridge / "selection.json"]
    run("select", *common, *chosen, "--output", table, *written)
    for fold in range(5):
        own = ["--fold", fold, "--feature-name", "eigenspectrum"]
        rest = ["--model", "ridge", "--settings", json.dumps(RIDGE), "--selection", table]
        run("fit", *common, *own, *rest, "--output", of_ridge / f"fold{fold}")
        rest = ["--model", "nearest", "--settings", json.dumps(NEIGHBOURS)]
        folder = models / "eigenspectrum" / "nearest" / f"fold{fold}"
        run("fit", *common, *own, *rest, "--distances", distances, "--output", folder)
    rows = ["--rows", "eigenspectrum/ridge", "eigenspectrum/nearest", "--folds", *range(5)]
    run(
        "summarize",
        "--dataset",
        dataset,
        "--models",
        models,
        *rows,
        "--output",
        results / "summary",
    )
    return results


def test_the_table_has_the_errors_of_plain_refits(finished):
    molecules = read_table(finished / "dataset" / "molecules.parquet")
    records = {r["model"]: r for r in read_records(finished / "summary.parquet")}
    dataset = read_dataset(finished / "dataset" / "metadata.json")
    features = Eigenspectrum().compute(dataset)["values"]
    errors = []
    for fold in range(5):
        folder = finished / "models" / "eigenspectrum" / "ridge" / f"fold{fold}"
        chosen = json.loads((folder / "model.json").read_text())["chosen"]
        test = molecules["fold"] == fold
        model = Ridge(**chosen).fit(features[~test], molecules["energy"][~test])
        errors.append(np.abs(model.predict(features[test]) - molecules["energy"][test]).mean())
    assert records["ridge"]["mae"] == pytest.approx(np.mean(errors), abs=1e-6)  # kcal/mol
    assert records["ridge"]["mae_std"] == pytest.approx(np.std(errors), abs=1e-6)
    assert records["ridge"]["mae_best_on_test"] <= records["ridge"]["mae"] + 1e-9
    assert records["nearest"]["protocol"] == "fixed"


def test_intervals_calibrated_inside_use_the_inner_predictions(finished):
    molecules = read_table(finished / "dataset" / "molecules.parquet")
    inner = read_table(finished / "models" / "eigenspectrum" / "ridge" / "inner.parquet")
    energies = molecules["energy"][np.searchsorted(molecules["id"], inner["id"])]
    errors, widths = np.abs(inner["prediction"] - energies), []
    for fold in range(5):
        own = np.sort(errors[inner["fold"] == fold])
        assert len(own) == (molecules["fold"] != fold).sum()
        widths.append(2 * own[int(np.ceil(0.9 * (len(own) + 1))) - 1])
    records = {r["model"]: r for r in read_records(finished / "summary.parquet")}
    assert records["ridge"]["inner_interval_width_90"] == pytest.approx(np.mean(widths))
    assert 0.5 < records["ridge"]["inner_coverage_90"] <= 1
    assert not np.isfinite(records["nearest"]["inner_interval_width_90"] or np.nan)


def test_every_molecule_is_predicted_once(finished):
    ids = [
        read_table(
            finished / "models" / "eigenspectrum" / "nearest" / f"fold{k}" / "predictions.parquet"
        )
        for k in range(5)
    ]
    assert sorted(np.concatenate([t["id"] for t in ids])) == list(range(60))


def test_a_damaged_prediction_is_found_before_it_enters_the_table(finished, capsys):
    folder = finished / "models" / "eigenspectrum" / "ridge" / "fold3"
    content = bytearray((folder / "predictions.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "predictions.parquet").write_bytes(content)
    words = ["--dataset", finished / "dataset" / "metadata.json", "--models", finished / "models"]
    words += ["--rows", "eigenspectrum/ridge", "--folds", *range(5), "--output", finished / "again"]
    assert main(["summarize", *map(str, words)]) == 1
    assert "predictions.parquet was damaged" in capsys.readouterr().err.splitlines()[-1]
    assert not (folder / "metrics.json").exists()
    assert not list(finished.glob("again*"))


def test_finished_entries_are_published_and_put_into_the_documents(finished, tmp_path):
    published, readme, page = (tmp_path / name for name in ("p", "README.md", "leaderboard.md"))
    marks = "<!-- leaderboard: made by `make publish` -->outdated<!-- end of leaderboard -->"
    for path in (readme, page):
        path.write_text(f"before\n{marks}\nafter\n")
    documents = ["--readme", readme, "--leaderboard", page]
    run("publish", "--results", finished, "--published", published, *documents)
    for text in (readme.read_text(), page.read_text()):
        assert text.startswith("before\n<!-- leaderboard")
        assert text.endswith("<!-- end of leaderboard -->\nafter\n")
        assert "| eigenspectrum | ridge" in text
        assert "outdated" not in text
    assert "(leaderboard.md)" in readme.read_text()
    predictions = read_table(published / "predictions" / "eigenspectrum.ridge.parquet")
    assert set(predictions) == {"id", "fold", "prediction"}
    assert (published / "summary.csv").read_bytes() == (finished / "summary.csv").read_bytes()


def test_rows_are_published_one_by_one(finished, tmp_path):
    published = tmp_path / "published"
    words = ["publish", "--results", finished, "--published", published, "--rows"]
    run(*words, "eigenspectrum/nearest")
    assert len((published / "summary.csv").read_text().splitlines()) == 2
    run(*words, "eigenspectrum/ridge")
    assert len((published / "summary.csv").read_text().splitlines()) == 3


def test_rows_are_chosen_by_patterns(finished, tmp_path):
    words = ["publish", "--results", finished, "--published"]
    run(*words, tmp_path / "a", "--rows", "*/near*")
    run(*words, tmp_path / "b", "--leave-out", "*/near*")
    names = [path.stem for folder in ("a", "b") for path in (tmp_path / folder / "rows").iterdir()]
    assert "eigenspectrum.nearest" in names
    assert len(names) == len(set(names)) > 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--readme", "README.md"], "give --leaderboard too"),
        (["--rows", "a/b"], "give both"),
        (["--leaderboard", "page.md"], "summary.csv: does not exist"),
    ],
)
def test_what_publish_needs_is_told(tmp_path, capsys, words, message):
    assert main(["publish", "--published", str(tmp_path), *words]) == 1
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_a_row_that_is_not_there_cannot_be_published(finished, tmp_path, capsys):
    words = ["publish", "--results", finished, "--published", tmp_path / "p", "--rows", "a/b"]
    assert main([str(word) for word in words]) == 1
    assert "no finished folds" in capsys.readouterr().err.splitlines()[-1]


def test_a_missing_artefact_is_an_error_of_one_line(tmp_path, capsys):
    words = [
        "feature",
        tmp_path / "none.json",
        "--name",
        "x",
        "--settings",
        json.dumps(EIGENSPECTRUM),
    ]
    assert main([*map(str, words), "--output", str(tmp_path / "f" / "metadata.json")]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("qm7bench feature: error: ")
    assert "run the workflow again" in last


@pytest.mark.parametrize("name", NAMES)
def test_help_shows_every_option_and_an_example_that_can_be_pasted(name, capsys):
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    example = text.split("example:\n")[1].split("\n\n")[0]
    words = shlex.split(example.replace("\\\n", " "))
    assert words[:2] == ["qm7bench", name]
    parser = argparse.ArgumentParser()
    importlib.import_module(f"qm7bench.commands.{name}").add_arguments(parser)
    parser.parse_args(words[2:])


def test_the_overview_has_every_command_with_its_docstrings_first_line(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    for name in NAMES:
        module = importlib.import_module(f"qm7bench.commands.{name}")
        assert f"\n  {name:<12} {module.__doc__.splitlines()[0]}\n" in text


def test_help_imports_nothing_heavy():
    words = [sys.executable, "-X", "importtime", "-m", "qm7bench", "--help"]
    run = subprocess.run(words, capture_output=True, text=True, check=True)
    imported = {line.split("|")[-1].strip() for line in run.stderr.splitlines()}
    assert "qm7bench.cli" in imported
    assert not imported & {"numpy", "ast", "json", "logging", "importlib.metadata", "traceback"}


def test_the_version_is_that_of_the_package(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"qm7bench {version('qm7bench')}\n"


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (UserError("the reason"), "the reason"),
        (MemoryError(), "the memory is used up"),
        (PermissionError(13, "Permission denied", "here.json"), "here.json: Permission denied"),
    ],
)
@pytest.mark.parametrize("traceback", [None, "0", "1"])
def test_a_users_error_has_a_traceback_only_where_one_is_asked_for(
    monkeypatch, capsys, failure, said, traceback
):
    def run(options):
        raise failure

    monkeypatch.setattr(document, "run", run)
    monkeypatch.delenv(TRACEBACK, raising=False)
    if traceback is not None:
        monkeypatch.setenv(TRACEBACK, traceback)
    assert main(["document", "--output", "unused"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith(f"qm7bench document: error: {said}")
    assert (lines[0] == "Traceback (most recent call last):") == (traceback == "1")
    assert (len(lines) == 1) == (traceback != "1")


def test_an_interruption_is_silent(monkeypatch, capsys):
    def run(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(document, "run", run)
    assert main(["document", "--output", "unused"]) == 130
    assert capsys.readouterr().err == ""


def test_messages_of_the_package_are_plain_lines_on_stderr(monkeypatch, capsys):
    def run(options):
        logging.getLogger("qm7bench.models.any").info("epoch %d", 3)

    monkeypatch.setattr(document, "run", run)
    for _ in range(2):
        assert main(["document", "--output", "unused"]) == 0
        assert capsys.readouterr() == ("", "epoch 3\n")


def test_a_command_never_overwrites_what_it_reads(finished, tmp_path, capsys):
    dataset = finished / "dataset" / "metadata.json"
    link = tmp_path / "link.json"
    link.symlink_to(dataset)
    before = dataset.read_bytes()
    words = ["feature", dataset, "--name", "x", "--settings", json.dumps(EIGENSPECTRUM)]
    for output in (dataset, link, finished / "feature" / ".." / "dataset" / "metadata.json"):
        assert main([str(word) for word in [*words, "--output", output]]) == 1
        assert "is the command's own input (dataset)" in capsys.readouterr().err
    assert dataset.read_bytes() == before


def test_predictions_never_overwrite_the_molecules_or_the_model(finished, molecules, capsys):
    folder = finished / "models" / "eigenspectrum" / "ridge" / "fold0"
    words = ["predict", molecules, "--model", folder, "--output"]
    for output, said in (
        (molecules, "is the command's own input (molecules)"),
        (folder / "predictions.parquet", "is a file of the fitted model"),
    ):
        before = output.read_bytes()
        assert main([str(word) for word in [*words, output]]) == 1
        assert said in capsys.readouterr().err
        assert output.read_bytes() == before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("{module: ridge}", "is not JSON"),
        ("[1]", "is not a JSON object"),
        ('{"module": "ridge", "parameters": {}}', "lacks the key 'grid'; give module, parameters"),
        ('{"module": "rigde", "parameters": {}, "grid": {}}', "unknown model 'rigde'; known: "),
        ('{"module": "ridge", "parameters": 1, "grid": {}}', "are JSON objects"),
        (
            '{"module": "ridge", "parameters": {"alfa": 1}, "grid": {}}',
            "ridge has no parameter 'alfa'; it has: alpha",
        ),
        (
            '{"module": "ridge", "parameters": {"alpha": -1}, "grid": {}}',
            "ridge: alpha is -1; allowed: a number",
        ),
        (
            '{"module": "ridge", "parameters": {}, "grid": {"alpha": [1, "x"]}}',
            "ridge: alpha is 'x'; allowed: a number",
        ),
        ('{"module": "ridge", "parameters": {}, "grid": {"alpha": 1}}', "give a list of values"),
    ],
)
def test_wrong_settings_are_an_error_of_one_line(settings, said, capsys):
    words = ["kernels", "feature.json", "--dataset", "dataset.json", "--settings", settings]
    with pytest.raises(SystemExit) as caught:
        main([*words, "--output", "x.json"])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    "more", [["--fold", 9], ["--fold", -1], ["--fold", 0, "--inner-fold", 5]], ids=str
)
def test_a_fold_without_molecules_is_an_error(finished, tmp_path, more, capsys):
    words = ["fit", "--dataset", finished / "dataset" / "metadata.json", "--model", "nearest"]
    words += ["--feature", finished / "feature" / "metadata.json", "--feature-name", "x"]
    words += ["--settings", json.dumps(NEIGHBOURS), "--output", tmp_path / "fit", *more]
    assert main([str(word) for word in words]) == 1
    said = capsys.readouterr().err
    assert f"fold {more[-1]}: no molecule is in it; the data set has folds 0 1 2 3 4" in said


def test_an_inner_fit_to_some_of_the_molecules_is_an_error(finished, tmp_path, capsys):
    words = ["fit", "--dataset", finished / "dataset" / "metadata.json", "--model", "nearest"]
    words += ["--feature", finished / "feature" / "metadata.json", "--feature-name", "x"]
    settings = json.dumps({**NEIGHBOURS, "grid": {}, "training_molecules": 10})
    words += ["--settings", settings, "--output", tmp_path / "fit", "--fold", 0, "--inner-fold", 1]
    assert main([str(word) for word in words]) == 1
    assert "leave out training_molecules" in capsys.readouterr().err


def test_a_file_named_by_mistake_is_an_error_and_stays(finished, molecules, tmp_path, capsys):
    settings = json.dumps(EIGENSPECTRUM)
    feature, dataset = finished / "feature" / "metadata.json", finished / "dataset"
    for mistaken, said in (
        (molecules, "is not JSON; give a file that ends in .json"),
        (dataset / "molecules.parquet", "is not JSON; give a file that ends in .json"),
        (feature, "not a data set; give the metadata.json of one"),
    ):
        output = ["--output", tmp_path / "new" / "metadata.json"]
        words = ["feature", mistaken, "--name", "x", "--settings", settings, *output]
        assert main([str(word) for word in words]) == 1
        assert capsys.readouterr().err.strip().endswith(f"{mistaken}: {said}")
        assert mistaken.is_file()
    ridge = json.dumps(RIDGE)
    words = ["fit", "--dataset", dataset / "metadata.json", "--feature", dataset / "metadata.json"]
    words += ["--feature-name", "x", "--model", "x", "--settings", ridge, "--fold", 0]
    words += ["--output", tmp_path / "fit", "--selection"]
    assert main([str(word) for word in [*words, molecules]]) == 1
    assert "not a feature; give the metadata.json of one" in capsys.readouterr().err
    words[words.index("--feature") + 1] = feature
    assert main([str(word) for word in [*words, molecules]]) == 1
    assert "is not a readable Parquet file; give a file that ends" in capsys.readouterr().err
    assert molecules.is_file()


@pytest.mark.parametrize("words", [["fits"], [], ["dataset", "qm7"]])
def test_a_wrong_command_line_exits_with_status_2(words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage: qm7bench" in capsys.readouterr().err
