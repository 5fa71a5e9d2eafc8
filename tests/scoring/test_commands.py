"""`folds`, `score` and what they write, as a user runs them; molecules of ASE's g2."""

from __future__ import annotations

import csv
import subprocess
import sys

import numpy as np
import pytest
from report_example import small_dataset

from qm7bench.artefacts.artefact import read_json, write_json
from qm7bench.artefacts.results_tree import PublishedFiles
from qm7bench.cli import main
from qm7bench.datasets.storage import write_dataset
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.external import read_external_entries
from qm7bench.leaderboard.published_predictions import pack

DESCRIPTION = {
    "--author": "A. <b>Chemist</b>",
    "--method": "SOAP | GPR",
    "--training-data": "training folds alone",
    "--link": "https://example.org/paper",
}
ABSENT = ("pandas", "pyarrow", "pydantic", "sklearn", "snakemake", "torch", "yaml")
WITHOUT_EXTRAS = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {ABSENT}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
from qm7bench.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def dataset():
    """Called as no published data set is, so that nothing is compared."""
    return small_dataset("mine")


@pytest.fixture
def metadata(dataset, tmp_path):
    path = tmp_path / "dataset" / "metadata.json"
    write_dataset(path, dataset, {"sha256": "0" * 64})
    return path


@pytest.fixture
def predictions(dataset, tmp_path):
    """A file of predictions that are off by 1.5 kcal/mol."""
    path = tmp_path / "predictions.csv"
    lines = [f"{i},{energy + 1.5}" for i, energy in zip(dataset.ids, dataset.energies, strict=True)]
    path.write_text("\n".join(["id,prediction", *lines]))
    return path


@pytest.fixture
def run(metadata, predictions, tmp_path, monkeypatch):
    """Score the file with further options, in a folder of the test."""
    monkeypatch.chdir(tmp_path)

    def score(*more):
        words = ["score", predictions, "--dataset", metadata, *more]
        return main([str(word) for word in words])

    return score


def described(**changes):
    values = DESCRIPTION | {f"--{name.replace('_', '-')}": text for name, text in changes.items()}
    return [word for pair in values.items() if pair[1] is not None for word in pair]


def test_folds_are_written_with_what_tells_the_molecules_apart(dataset, metadata, tmp_path):
    output = tmp_path / "folds.csv"
    assert main(["folds", str(metadata), "--output", str(output)]) == 0
    rows = list(csv.DictReader(output.read_text().splitlines()))
    assert [int(row["id"]) for row in rows] == dataset.ids.tolist()
    assert [int(row["fold"]) for row in rows] == dataset.folds.tolist()
    assert [row["formula"] for row in rows] == dataset.formulas()
    assert [int(row["atoms"]) for row in rows] == dataset.sizes.tolist()


def test_a_data_set_that_is_not_known_is_named(tmp_path, capsys):
    assert main(["folds", "qm8", "--output", str(tmp_path / "f.csv")]) == 1
    assert "unknown data set 'qm8'; known: qm7" in capsys.readouterr().err


def test_the_score_goes_to_stdout_and_the_version_to_stderr(run, capsys):
    assert run() == 0
    told = capsys.readouterr()
    (mean,) = [line.split() for line in told.out.splitlines() if line.startswith("mean ")]
    assert mean == "mean 1.500 ± 0.000 1.500 ± 0.000 1.50 96".split()
    assert "No published entry to compare with." in told.out
    assert told.err.startswith("qm7bench ")


def test_a_slip_is_an_error_and_nothing_is_printed(run, predictions, capsys):
    lines = predictions.read_text().splitlines()
    changed = [f"{i},{float(p) / 23.06}" for i, p in (line.split(",") for line in lines[1:])]
    predictions.write_text("\n".join([lines[0], *changed]))
    assert run() == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "the predictions are in eV: read so, their MAE is" in told.err
    assert run("--as-it-is") == 0
    assert "! AS IT IS: the predictions are in eV" in capsys.readouterr().out


def test_the_page_has_everything_and_needs_nothing_from_elsewhere(run, tmp_path):
    assert run("--report", tmp_path / "page.html") == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "mean absolute error\n1.500 ± 0.000 kcal/mol" in page
    assert page.count('<div class="card">') == 12
    assert page.count("<svg") == 12 + 2
    assert "src=" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_without_the_extras_it_scores_beside_packed_predictions(
    repository, qm7_file, tmp_path, monkeypatch
):
    source = PublishedFiles(repository / "results" / "published" / "qm7")
    pack(source.folder, tmp_path / "packed")
    with np.load(tmp_path / "packed" / "predictions.npz") as arrays:
        pairs = zip(arrays["ids"], arrays["radius_graph.painn"], strict=True)
        lines = [f"{i},{prediction!r}" for i, prediction in ((int(i), float(p)) for i, p in pairs)]
    (tmp_path / "p.csv").write_text("\n".join(["id,prediction", *lines]))
    monkeypatch.setenv("QM7_MAT", str(qm7_file))
    words = ["score", "p.csv", "--published", "packed", "--report", "page.html", "--all"]
    program = [sys.executable, "-c", WITHOUT_EXTRAS, *words]
    done = subprocess.run(program, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with source.summary.open(newline="") as file:
        errors = [float(r["mae"]) for r in csv.DictReader(file) if not r["extra_data"]]
    place = 1 + sum(mae < 0.7769 for mae in errors)  # PaiNN's own error
    assert f"Place {place} among {len(errors)} published entries" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<tr>") > 61 + 5 + 30


def test_an_external_entry_is_saved_and_read_as_it_was_scored(run, dataset, tmp_path):
    assert run("--save", "my_model", *described()) == 0
    files = PublishedFiles(tmp_path / "results" / "published" / "mine").external
    (entry,) = read_external_entries(files)
    assert (entry.name, entry.method, entry.molecules) == ("my_model", "SOAP | GPR", len(dataset))
    assert entry.predefined_folds
    rows = list(csv.DictReader(files.predictions("my_model").read_text().splitlines()))
    errors = np.array([float(row["prediction"]) for row in rows]) - dataset.energies
    folds = np.array([int(row["fold"]) for row in rows])
    by_fold = [np.abs(errors[folds == fold]).mean() for fold in range(5)]
    assert entry.mae == pytest.approx(np.mean(by_fold), rel=1e-12)
    assert "energy" not in rows[0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--save", "a b", *described()], "--save a b: a name has letters"),
        (["--save", "../a", *described()], "--save ../a: a name has letters"),
        (["--save", "a", *described(author=None)], "--save needs --author too"),
        (["--save", "a", *described(method=" ")], "--method: give a text of one line"),
        (["--save", "a", *described(training_data="a\nb")], "--training-data: give a text"),
        (["--save", "a", *described(link="javascript:alert(1)")], "--link javascript:alert"),
        (["--save", "a", *described(link="https://e.org/a b")], "--link https://e.org/a b: give"),
        (described(), "--author describes an entry to --save; give both"),
    ],
)
def test_an_entry_that_is_not_described_is_not_saved(run, tmp_path, capsys, words, message):
    assert run(*words) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_an_entry_is_not_overwritten_and_one_with_a_slip_not_saved(run, predictions, capsys):
    assert run("--save", "a", *described()) == 0
    assert run("--save", "a", *described()) == 1
    assert "a.json: exists; give another name, or remove the file" in capsys.readouterr().err
    lines = predictions.read_text().splitlines()
    turned = [line.replace(",-", ",") for line in lines]
    predictions.write_text("\n".join(turned))
    assert run("--as-it-is", "--save", "b", *described()) == 1
    assert "a file with a slip (sign) is not saved" in capsys.readouterr().err


def test_saved_files_that_were_changed_are_refused(run, tmp_path):
    assert run("--save", "a", *described()) == 0
    files = PublishedFiles(tmp_path / "results" / "published" / "mine").external
    known = read_json(files.entry("a"))
    write_json(files.entry("a"), known | {"link": "javascript:alert(1)"})
    with pytest.raises(ArtefactError, match=r"a\.json: not an external entry \(--link"):
        read_external_entries(files)
    write_json(files.entry("a"), known)
    with files.predictions("a").open("a") as file:
        file.write("99,0,1.0\n")
    with pytest.raises(ArtefactError, match=r"a\.csv: missing, or not the predictions"):
        read_external_entries(files)
