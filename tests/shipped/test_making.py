"""Models that are made to ship: fitted on all molecules, with nothing of a single one in them."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.parquet import read_records
from qm7bench.cli import main
from qm7bench.evaluation.selection import best_on_test
from qm7bench.layouts.loading import load_features
from qm7bench.models.sparse_local_kernel_ridge import SparseLocalKernelRidge
from qm7bench.shipped.choice import in_words
from qm7bench.shipped.model import ShippedModel


def test_it_is_fitted_to_all_molecules_with_the_alpha_of_the_smallest_error(
    results, made, entry, small_molecules
):
    """A second way: no shared sums, a plain fit."""
    records = read_records(results / "models" / entry / "selection.parquet")
    parameters = best_on_test(records)["parameters"]
    features = results / "features" / entry.split("/")[0] / "metadata.json"
    atoms = load_features(features, [])
    plain = SparseLocalKernelRidge(**parameters).fit(atoms, small_molecules.energies)
    found = ShippedModel.load(made.folder).predict(small_molecules)
    np.testing.assert_allclose(found.energies, plain.predict(atoms), atol=1e-4)  # kcal/mol
    assert made.read_description()["dataset"]["molecules"] == len(small_molecules)


def test_errors_and_intervals_are_those_of_models_that_had_not_seen_the_molecules(
    made, errors_of_folds, small_molecules, shares
):
    described = made.read_description()
    absolute = np.abs(errors_of_folds)
    maes = [absolute[small_molecules.folds == fold].mean() for fold in range(5)]
    assert described["errors"]["mae"] == pytest.approx(np.mean(maes))
    assert described["errors"]["largest"] == pytest.approx(absolute.max())
    half_widths = described["intervals"]["half_widths"]
    assert len(half_widths) == len(shares) + 1
    assert set(np.round(half_widths, 9)) <= set(np.round(absolute, 9))
    training = ShippedModel.load(made.folder).predict(small_molecules)
    inside = np.abs(training.energies - small_molecules.energies) <= training.half_widths
    assert inside.mean() > 0.95  # as it has seen these molecules


def test_nothing_in_it_belongs_to_a_single_molecule(made, small_molecules, errors_of_folds):
    """Neither an array nor a number of it is an energy, an error or a prediction."""
    arrays, described = made.read()
    n = len(small_molecules)
    assert not [name for name, array in arrays.items() if n in array.shape]
    known = np.concatenate([small_molecules.energies, np.abs(errors_of_folds)])
    numbers = [a.ravel() for a in arrays.values() if a.dtype.kind == "f"]
    assert not np.isin(np.concatenate(numbers), known).any()
    aggregates = [described["errors"]["largest"], *described["intervals"]["half_widths"]]
    text = json.dumps({k: v for k, v in described.items() if k not in ("errors", "intervals")})
    printed = {float(word) for word in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)}
    assert not printed & (set(known.tolist()) - set(aggregates))


def test_making_it_again_gives_the_same_files(results, made, entry, tmp_path, monkeypatch, shares):
    monkeypatch.setattr("qm7bench.evaluation.distance_intervals.SHARES", shares)
    words = ["ship", "--results", results, "--entry", entry, "--output", tmp_path / "qm9"]
    assert main([str(word) for word in words]) == 0
    for name in ("model.json", "model.npz", "card.md"):
        assert (tmp_path / "qm9" / name).read_bytes() == (made.folder / name).read_bytes(), name


def test_the_card_says_what_the_description_says(made):
    described, text = made.read_description(), made.card.read_text(encoding="utf-8")
    data, errors = described["dataset"], described["errors"]
    for part in (
        "# Model card: qm9",
        "B3LYP/6-31G(2df,p) atomization energies at 0 K",
        f"all {data['molecules']:,} molecules of qm9, at most {data['largest_molecule']} atoms",
        f"{errors['mae']:.3f} ± {errors['mae_std']:.3f} | {errors['rmse']:.3f}",
        "exact kernel | not run on all folds of this data set",
        f"gets a warning | ± {described['intervals']['half_widths'][-1]:.2f}",
    ):
        assert part in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 120


def test_a_model_that_corrects_a_method_says_so_and_adds_its_energies(correcting, small_molecules):
    described = correcting.read_description()
    assert (described["name"], described["dataset"]["name"]) == ("qm9_gfn2_xtb", "qm9")
    model = ShippedModel.load(correcting.folder)
    assert "corrects the energies of GFN2-xTB" in in_words(model)
    assert "learns the difference to GFN2-xTB" in correcting.card.read_text(encoding="utf-8")
    found = model.predict(small_molecules)
    errors = np.abs(found.energies - small_molecules.energies)
    # It has seen them: its errors are below the nested ones, which are far below GFN2-xTB's own.
    assert errors.mean() < described["errors"]["mae"] < 5.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--exact", "a/b"], "give both or neither"),
        (["--exact", "a/b", "--published", "nowhere"], "no such published entry"),
        (["--entry", "a/b"], "no finished folds"),
    ],
)
def test_wrong_options_are_an_error_of_one_line(results, entry, tmp_path, capsys, words, said):
    words = ["ship", "--results", results, "--entry", entry, "--output", tmp_path, *words]
    assert main([str(word) for word in words]) == 1
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert not list(tmp_path.iterdir())


def test_models_that_hold_a_number_for_each_molecule_are_refused(
    results, entry, tmp_path, monkeypatch, capsys
):
    fold = results / "models" / entry / "fold4"
    described = read_json(fold / "model.json") | {"module": "local_kernel_ridge"}
    monkeypatch.setattr("qm7bench.leaderboard.entries.made_by_of", lambda folder: described)
    words = ["ship", "--results", results, "--entry", entry, "--output", tmp_path]
    assert main([str(word) for word in words]) == 1
    assert "only sparse local kernels ship" in capsys.readouterr().err
