"""An ensemble on one fold: what it writes, what it learns from, and that it can be used again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_json, sha256_of, write_json
from qm7bench.artefacts.parquet import read_table, write_table
from qm7bench.cli import main
from qm7bench.datasets.storage import read_dataset, write_dataset
from qm7bench.ensembles.members import Member
from qm7bench.ensembles.weights import learned_weights
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.columns import records_of
from qm7bench.leaderboard.entries import read_entry
from qm7bench.leaderboard.publishing import publish_entry, read_published_entries
from qm7bench.leaderboard.summary import summarize
from qm7bench.models.linear_regression import LinearRegression
from qm7bench.prediction import FittedModel

FEATURES = ("eigenspectrum", "atom_counts")
CHOSEN, FIXED = "eigenspectrum/ridge", "atom_counts/linear"
MODELS = {
    CHOSEN: {"module": "ridge", "parameters": {}, "grid": {"alpha": [0.01, 10.0]}, "seed": 0},
    FIXED: {"module": "linear_regression", "parameters": {}, "grid": {}, "seed": 0},
}
TEST_FOLDS = [0, 1]
RING = {0: [1, 4], 1: [0, 2]}


def run(*words):
    """Run a command that must succeed."""
    assert main([str(word) for word in words]) == 0


def combine(models, fold, name="both", weights="learned", inner_folds=None):
    """Combine both members into `models/ensemble/NAME/foldK`; return the exit status."""
    inner = (RING[fold] if weights == "learned" else []) if inner_folds is None else inner_folds
    words = ["--dataset", models.parent / "dataset" / "metadata.json", "--models", models]
    words += ["--name", name, "--members", CHOSEN, FIXED, "--weights", weights]
    words += ["--inner-folds", *inner, "--fold", fold, "--folds", *TEST_FOLDS]
    output = models / "ensemble" / name / f"fold{fold}"
    return main(["combine", *map(str, words), "--output", str(output)])


def members_of(dataset, folder):
    """Fit a row with a grid and one without on two test folds; return the folder of all fits."""
    metadata = folder / "dataset" / "metadata.json"
    write_dataset(metadata, dataset, {"sha256": "0" * 64})
    for name in FEATURES:
        settings = json.dumps({"module": name, "parameters": {}})
        output = folder / "features" / name / "metadata.json"
        run("feature", metadata, "--name", name, "--settings", settings, "--output", output)
    for row, settings in MODELS.items():
        feature, model = row.split("/")
        own = folder / "models" / row
        common = ["--dataset", metadata, "--settings", json.dumps(settings)]
        common += ["--feature", folder / "features" / feature / "metadata.json"]
        selection = []
        if settings["grid"]:
            selection = ["--selection", own / "selection.parquet"]
            tables = ["--output", own / "selection.parquet", "--inner", own / "inner.parquet"]
            written = [*tables, "--cost", own / "selection.json"]
            run("select", *common, "--folds", *TEST_FOLDS, *written)
        fit = ["fit", *common, "--feature-name", feature, "--model", model]
        for fold in TEST_FOLDS:
            run(*fit, *selection, "--fold", fold, "--output", own / f"fold{fold}")
        for a, b in [(0, 1), (0, 4), (1, 2)] if not settings["grid"] else []:
            run(*fit, "--fold", a, "--inner-fold", b, "--output", own / f"without{a}{b}")
    return folder / "models"


@pytest.fixture(scope="module")
def combined(small_molecules, tmp_path_factory):
    """Folder of all fits: two members, their ensembles with learned and with equal weights."""
    models = members_of(small_molecules, tmp_path_factory.mktemp("results"))
    for fold in TEST_FOLDS:
        assert combine(models, fold) == 0
        assert combine(models, fold, "mean", "equal") == 0
    return models


@pytest.fixture
def copied(combined, tmp_path):
    """The same, to break."""
    shutil.copytree(combined.parent, tmp_path / "results")
    return tmp_path / "results" / "models"


def fold_of(models, row, fold=0):
    """Predictions, metrics and description of one fold of a row."""
    folder = models / row / f"fold{fold}"
    names = ("metrics.json", "model.json")
    return read_table(folder / "predictions.parquet"), *(read_json(folder / n) for n in names)


def test_predictions_without_a_pair_are_those_of_a_plain_refit(combined):
    dataset = read_dataset(combined.parent / "dataset" / "metadata.json")
    values = np.load(combined.parent / "features" / "atom_counts" / "values.npy")
    training = ~np.isin(dataset.folds, [0, 4])
    model = LinearRegression().fit(values[training], dataset.energies[training])
    table = read_table(combined / FIXED / "without04" / "inner.parquet")
    for fold, inner in ((0, 4), (4, 0)):
        own, rows = table["fold"] == fold, dataset.folds == inner
        assert (table["inner_fold"][own] == inner).all()
        np.testing.assert_array_equal(table["id"][own], dataset.ids[rows])
        expected = model.predict(values[rows])
        np.testing.assert_allclose(table["prediction"][own], expected, atol=1e-8)  # kcal/mol


def test_the_predictions_are_the_weighted_mean_of_the_members(combined):
    for name in ("both", "mean"):
        table, metrics, _ = fold_of(combined, f"ensemble/{name}")
        first, second = (fold_of(combined, row)[0] for row in (CHOSEN, FIXED))
        weights = [metrics["parameters"][row] for row in (CHOSEN, FIXED)]
        expected = weights[0] * first["prediction"] + weights[1] * second["prediction"]
        np.testing.assert_array_equal(table["id"], first["id"])
        np.testing.assert_array_equal(table["energy"], first["energy"])
        np.testing.assert_allclose(table["prediction"], expected, rtol=1e-12)
        assert (table["uncertainty"] > 0).all()
        errors = table["prediction"] - table["energy"]
        assert metrics["mae"] == pytest.approx(np.abs(errors).mean())
        assert metrics["rmse"] == pytest.approx(np.sqrt((errors**2).mean()))


def test_the_weights_are_learned_on_the_inner_folds(combined):
    dataset = read_dataset(combined.parent / "dataset" / "metadata.json")
    energy_of = dict(zip(dataset.ids.tolist(), dataset.energies, strict=True))
    errors = []
    files = {CHOSEN: ["inner.parquet"]}
    files[FIXED] = ["without01/inner.parquet", "without04/inner.parquet"]
    for row, names in files.items():
        found = {}
        for table in (read_table(combined / row / name) for name in names):
            own = (table["fold"] == 0) & np.isin(table["inner_fold"], RING[0])
            found |= zip(table["id"][own].tolist(), table["prediction"][own], strict=True)
        errors.append([found[id_] - energy_of[id_] for id_ in sorted(found)])
    learned = fold_of(combined, "ensemble/both")[1]["parameters"]
    weights = [learned[CHOSEN], learned[FIXED]]
    np.testing.assert_allclose(weights, learned_weights(np.array(errors)), atol=1e-9)
    assert min(weights) > 0.01


def test_equal_weights_are_equal(combined):
    assert fold_of(combined, "ensemble/mean")[1]["parameters"] == {CHOSEN: 0.5, FIXED: 0.5}


@pytest.mark.parametrize("test_energies", [0.0, 1e6])
def test_the_weights_for_a_fold_never_look_at_its_energies(
    combined, small_molecules, tmp_path, test_energies
):
    altered = np.where(small_molecules.folds == 0, test_energies, small_molecules.energies)
    other = members_of(replace(small_molecules, energies=altered), tmp_path)
    assert combine(other, 0) == combine(other, 1) == 0
    before, after = (fold_of(models, "ensemble/both") for models in (combined, other))
    np.testing.assert_array_equal(after[0]["prediction"], before[0]["prediction"])
    np.testing.assert_array_equal(after[0]["uncertainty"], before[0]["uncertainty"])
    assert after[1]["parameters"] == before[1]["parameters"]
    # Those for the other test fold are learned from them.
    before, after = (fold_of(models, "ensemble/both", 1) for models in (combined, other))
    assert after[1]["parameters"] != before[1]["parameters"]


def test_what_serves_two_test_folds_counts_half_for_each(combined):
    sha256 = sha256_of(combined.parent / "dataset" / "metadata.json")
    chosen, fixed = (Member.read(combined, row, 0, sha256) for row in (CHOSEN, FIXED))
    selection = read_json(combined / CHOSEN / "selection.json")["cpu_seconds"]
    pairs = [combined / FIXED / f"without{pair}" / "metrics.json" for pair in ("01", "04")]
    shared, own = (read_json(path)["cpu_seconds"] for path in pairs)
    found = [[cost["cpu_seconds"] for cost in m.costs([1, 4], [0, 1])] for m in (chosen, fixed)]
    assert found[0] == [chosen.metrics["cpu_seconds"], selection / 2]
    assert found[1] == [fixed.metrics["cpu_seconds"], shared / 2, own]
    # Without fold 1 among the test folds, all is for fold 0 alone.
    assert [cost["cpu_seconds"] for cost in chosen.costs([1, 4], [0])][1] == selection
    assert [cost["cpu_seconds"] for cost in fixed.costs([1, 4], [0])][1] == shared


def test_a_pretrained_member_tells_its_data_and_shares_the_pretrainings_cost(combined, copied):
    path = copied / FIXED / "fold0" / "metrics.json"
    facts = {"dataset": "larger", "cpu_seconds": 1e6, "peak_memory_mb": 1e5}
    write_json(path, {**read_json(path), "pretraining": facts})
    assert combine(copied, 0) == 0
    metrics, before = (fold_of(m, "ensemble/both")[1] for m in (copied, combined))
    assert metrics["extra_data"] == "larger"
    assert "extra_data" not in before
    # Two test folds share it.
    gained = metrics["cpu_seconds"] - before["cpu_seconds"]
    assert gained == pytest.approx(1e6 / 2, rel=0.01)
    assert metrics["peak_memory_mb"] == 1e5


def test_costs_and_parameters_are_those_of_all_members(combined):
    _, metrics, _ = fold_of(combined, "ensemble/both")
    sha256 = sha256_of(combined.parent / "dataset" / "metadata.json")
    members = [Member.read(combined, row, 0, sha256) for row in (CHOSEN, FIXED)]
    costs = [cost for member in members for cost in member.costs(RING[0], TEST_FOLDS)]
    # What is beyond their sum is the combination's own.
    assert metrics["cpu_seconds"] > sum(cost["cpu_seconds"] for cost in costs)
    assert metrics["peak_memory_mb"] >= max(cost["peak_memory_mb"] for cost in costs)
    numbers = [member.metrics["number_of_parameters"] for member in members]
    assert metrics["number_of_parameters"] == sum(numbers)


def test_the_same_combination_writes_the_same_bytes(combined, copied):
    assert combine(copied, 0) == 0
    for name in ("predictions.parquet", "model.npz", "model.json"):
        path = f"ensemble/both/fold0/{name}"
        assert (copied / path).read_bytes() == (combined / path).read_bytes()


def test_an_ensemble_is_an_entry_of_the_leaderboard(combined):
    dataset = read_dataset(combined.parent / "dataset" / "metadata.json")
    names = (CHOSEN, FIXED, "ensemble/both", "ensemble/mean")
    entries = [read_entry(combined / name, TEST_FOLDS) for name in names]
    records = records_of(summarize(dataset, entries))
    protocols = {r["model"]: r["protocol"] for r in records}
    assert protocols == {"ridge": "nested", "linear": "fixed", "both": "nested", "mean": "fixed"}
    own = next(r for r in records if r["model"] == "both")
    assert own["feature"] == "ensemble"
    assert own["mae_best_on_test"] is None
    assert 0 <= own["coverage_90"] <= 1


def test_an_ensemble_can_be_published(combined, tmp_path):
    publish_entry(combined / "ensemble" / "both", tmp_path)
    (entry,) = read_published_entries(tmp_path)
    assert entry.metrics[0]["parameters"].keys() == {CHOSEN, FIXED}


def test_new_molecules_are_predicted_as_the_test_molecules_were(combined):
    dataset = read_dataset(combined.parent / "dataset" / "metadata.json")
    table = fold_of(combined, "ensemble/both")[0]
    found = FittedModel.load(combined / "ensemble/both/fold0").predict(dataset[dataset.folds == 0])
    np.testing.assert_allclose(found.energies, table["prediction"], atol=1e-8)  # kcal/mol
    np.testing.assert_allclose(found.uncertainties, table["uncertainty"], atol=1e-8)
    # Test molecules may be far from the training molecules, but are never outside otherwise.
    assert all(not w or w.startswith("far from") for w in found.warnings)


def test_an_ensemble_predicts_after_its_results_were_moved(combined, copied, small_molecules):
    loaded = [FittedModel.load(m / "ensemble" / "both" / "fold0") for m in (combined, copied)]
    before, after = (model.predict(small_molecules[:3]).energies for model in loaded)
    assert after.tolist() == before.tolist()


def test_a_missing_member_is_an_error_that_names_it(copied):
    shutil.rmtree(copied / FIXED)
    with pytest.raises(ArtefactError, match="ensemble's member atom_counts/linear is missing"):
        FittedModel.load(copied / "ensemble" / "both" / "fold0")


def test_a_member_that_was_fitted_anew_is_not_the_one_combined(copied):
    path = copied / CHOSEN / "fold0" / "model.json"
    path.write_text(path.read_text().replace('"alpha"', '"alpha" '), encoding="utf-8")
    with pytest.raises(ArtefactError, match="eigenspectrum/ridge is not the one that was combined"):
        FittedModel.load(copied / "ensemble" / "both" / "fold0")


def last_line(capsys):
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("row", [f"{CHOSEN}/inner.parquet", f"{FIXED}/without04/inner.parquet"])
def test_damaged_inner_predictions_are_found(copied, capsys, row):
    content = bytearray((copied / row).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / row).write_bytes(content)
    assert combine(copied, 0) == 1
    assert "inner.parquet was damaged" in last_line(capsys)


def test_missing_inner_predictions_are_an_error(copied, capsys):
    assert combine(copied, 0, inner_folds=[1, 2]) == 1
    assert "without02/metrics.json: no such file; run the workflow again" in last_line(capsys)


def test_members_fitted_to_other_molecules_are_refused(copied, capsys):
    path = copied.parent / "dataset" / "metadata.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert combine(copied, 0) == 1
    assert "ridge/fold0/model.json: fitted to other molecules" in last_line(capsys)


def test_predictions_of_other_molecules_are_refused(copied, capsys):
    for name in ("predictions.parquet", "metrics.json"):
        shutil.copy(copied / FIXED / "fold1" / name, copied / FIXED / "fold0" / name)
    assert combine(copied, 0) == 1
    assert "linear/fold0/predictions.parquet: not the test molecules" in last_line(capsys)


@pytest.mark.parametrize(
    ("weights", "inner_folds", "line"),
    [
        ("learned", [], "learned weights need at least one, equal weights take none"),
        ("equal", [1], "learned weights need at least one, equal weights take none"),
        ("learned", [0, 1], "--inner-folds: 0 is the test fold; leave it out"),
    ],
)
def test_contradicting_options_are_an_error(combined, capsys, weights, inner_folds, line):
    assert combine(combined, 0, "none", weights, inner_folds) == 1
    assert line in last_line(capsys)
    assert not (combined / "ensemble" / "none").exists()


@pytest.mark.parametrize(
    ("row", "inner_fold", "line"),
    [
        (FIXED, 0, "--inner-fold 0 is the test fold; give another one"),
        (CHOSEN, 1, "--inner-fold is for models without a grid"),
    ],
)
def test_an_inner_fit_that_makes_no_sense_is_an_error(
    combined, tmp_path, capsys, row, inner_fold, line
):
    feature, model = row.split("/")
    words = ["--dataset", combined.parent / "dataset" / "metadata.json", "--feature-name", feature]
    words += ["--feature", combined.parent / "features" / feature / "metadata.json"]
    words += ["--model", model, "--settings", json.dumps(MODELS[row]), "--fold", 0]
    words += ["--inner-fold", inner_fold, "--output", tmp_path / "without"]
    assert main(["fit", *map(str, words)]) == 1
    assert line in last_line(capsys)


def test_an_ensemble_has_no_prediction_where_a_member_has_none(small_molecules, tmp_path):
    charges = small_molecules.charges.copy()
    missing = [int(np.flatnonzero(small_molecules.folds == fold)[5]) for fold in (0, 4)]
    charges[missing[0], 0], charges[missing[1], 0] = 16, 17
    models = members_of(replace(small_molecules, charges=charges), tmp_path)
    for name, weights in (("both", "learned"), ("mean", "equal")):
        assert combine(models, 0, name, weights) == 0
        table, metrics, _ = fold_of(models, f"ensemble/{name}")
        assert small_molecules.ids[missing[0]] in table["id"][np.isnan(table["prediction"])]
        assert metrics["unpredicted"] == np.isnan(table["prediction"]).sum() < 5
        assert np.isfinite([metrics["mae"], *metrics["parameters"].values()]).all()
        found = FittedModel.load(models / "ensemble" / name / "fold0")
        assert found.predict(small_molecules[:3]).half_widths is not None


def test_weights_are_equal_where_no_inner_prediction_is_left_to_learn_from(copied, caplog):
    for pair in ("without01", "without04"):
        path = copied / FIXED / pair / "inner.parquet"
        table = read_table(path)
        write_table(path, {**table, "prediction": np.full(len(table["id"]), np.nan)})
        metrics = read_json(path.with_name("metrics.json"))
        write_json(path.with_name("metrics.json"), {**metrics, "inner_sha256": sha256_of(path)})
    assert combine(copied, 0) == 0
    assert list(fold_of(copied, "ensemble/both")[1]["parameters"].values()) == [0.5, 0.5]
    assert "nothing can be learned; its weights are equal" in caplog.text
