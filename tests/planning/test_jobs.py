"""What the rules ask: inputs and parameters of jobs, and the files that a run shall make."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import yaml

from qm7bench.artefacts.results_tree import TABLE_ENDINGS, TRACKS
from qm7bench.errors import ConfigurationError
from qm7bench.planning import jobs

CONFIGURATION = """
features: {eigenspectrum: }
models:
  linear_regression: {features: [eigenspectrum], resources: {mem_mb: 300}}
  ridge: {features: [eigenspectrum], grid: {alpha: [0.1, 1.0]}}
  kernel_ridge: {features: [eigenspectrum], resources: {runtime: 11}}
  multilayer_perceptron:
    features: [eigenspectrum]
    resources: {runtime: 5, gpu: true}
    budgets: {quick: {}, full: {}}
"""


@pytest.fixture
def plan():
    """Make a plan, with changes to the configuration."""

    def make(**changes):
        return jobs.Plan({**yaml.safe_load(CONFIGURATION), **changes})

    return make


def job(model):
    """Wildcards of a model's job."""
    return SimpleNamespace(model=model, feature="eigenspectrum")


def test_a_change_of_what_kernels_do_not_depend_on_recomputes_none(plan):
    def settings(module, grid):
        entry = {"features": ["fchl19"], "share_kernels": True, "module": module, "grid": grid}
        made = plan(features={"fchl19": None}, models={"mine": entry})
        return made.kernel_settings(SimpleNamespace(model="mine", feature="fchl19"))

    before = settings("local_kernel_ridge", {"gamma": [0.1], "alpha": [1e-6]})
    assert (
        settings("local_kernel_ridge", {"gamma": [0.1], "alpha": [1e-3], "linear": [1]}) == before
    )
    assert settings("local_kernel_ridge", {"gamma": [0.2], "alpha": [1e-6]}) != before
    few = settings("sparse_local_kernel_ridge", {"inducing_atoms": [10]})
    assert settings("sparse_local_kernel_ridge", {"inducing_atoms": [20]}) != few


def test_models_that_share_kernels_read_them_as_their_selection_does(plan):
    models = {"local_kernel_ridge": {"features": ["fchl19"], "share_kernels": True}}
    made = plan(features={"fchl19": None}, models=models)
    w = SimpleNamespace(dataset="mine", feature="fchl19", model="local_kernel_ridge")
    assert made.distances(w) == ["results/mine/kernels/fchl19/local_kernel_ridge/metadata.json"]


PRETRAINED = {
    "painn": {
        "features": ["radius_graph"],
        "parameters": {"epochs": 9, "channels": 8},
        "pretraining": {"dataset": "qm9large", "parameters": {"epochs": 2}},
        "budgets": {"full": {"pretraining": {"molecules": 100}}},
    }
}


def test_a_pretrained_model_begins_with_one_fitted_to_the_other_data(plan):
    made = plan(features={"radius_graph": None}, models=PRETRAINED)
    w = SimpleNamespace(dataset="qm7", feature="radius_graph", model="painn")
    path = "results/qm9large/pretraining/radius_graph/painn/model.json"
    assert made.pretrained(w) == [path]
    settings = json.loads(made.pretraining_settings(w))
    assert settings["parameters"] == {"epochs": 2, "channels": 8}
    assert settings["molecules"] == 100
    assert plan().pretrained(job("ridge")) == []


@pytest.mark.parametrize(
    ("budget", "molecules", "target", "source"),
    [
        ("quick", 500, "qm9small-quick", "qm9small --molecules 500"),
        ("quick", 0, "qm9small", "qm9small"),
        ("full", 500, "qm9small", "qm9small"),
    ],
)
def test_the_quick_budget_takes_a_few_molecules(plan, budget, molecules, target, source):
    planned = plan(budget=budget, quick_molecules=molecules, dataset="qm9small")
    assert planned.target_dataset() == target
    assert planned.dataset_source(SimpleNamespace(dataset=target)) == source


def test_a_few_of_a_users_own_molecules_are_regenerated_if_the_file_changes(plan, tmp_path):
    file = tmp_path / "mine.xyz"
    file.write_text("2")
    planned = plan(datasets={"mine": {"file": str(file)}}, quick_molecules=10)
    whole, few = (
        planned.dataset_settings(SimpleNamespace(dataset=name)) for name in ("mine", "mine-quick")
    )
    assert whole == few
    assert "sha256" in few


def test_the_file_of_a_data_set_that_a_target_names_must_exist(plan):
    planned = plan(datasets={"mine": {"file": "none.xyz"}})
    with pytest.raises(
        ConfigurationError, match=r"datasets\.mine\.file: 'none\.xyz' does not exist"
    ):
        planned.dataset_settings(SimpleNamespace(dataset="mine"))


def test_a_model_with_no_quick_budget_is_left_out_of_quick_runs(plan):
    assert not plan(
        features={"radius_graph": None}, models=PRETRAINED, budget="quick"
    ).entry_names()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"pretraining": {}}, "models.painn.pretraining lacks the key 'dataset'"),
        ({"pretraining": {"dataset": "qm7"}}, "pretraining.dataset is 'qm7'; give 'qm9large'"),
        (
            {"pretraining": {"dataset": "qm9large", "parameters": {"epoch": 1}}},
            "unknown key models.painn.pretraining.parameters.epoch; did you mean 'epochs'?",
        ),
        ({"grid": {"channels": [8, 16]}}, "a model with a grid cannot be pretrained"),
        ({"baseline": "radius_graph"}, "a pretrained model has learnt whole energies"),
    ],
)
def test_a_pretraining_that_cannot_be_is_one_line(plan, changes, line):
    models = {"painn": {**PRETRAINED["painn"], **changes}}
    with pytest.raises(ConfigurationError) as caught:
        plan(features={"radius_graph": None}, models=models)
    assert line in str(caught.value)


def test_a_model_with_a_baseline_reads_its_energies_and_predicts_with_its_code(plan):
    models = {"ridge": {"features": ["eigenspectrum"], "baseline": "gfn2_xtb"}}
    features = {"eigenspectrum": None, "gfn2_xtb": {"module": "xtb"}}
    made = plan(features=features, models=models)
    w = SimpleNamespace(dataset="mine", feature="eigenspectrum", model="ridge")
    assert made.baseline(w) == ["results/mine/features/gfn2_xtb/metadata.json"]
    assert any(path.endswith("features/xtb.py") for path in made.model_code("predict")(w))
    assert not any(path.endswith("features/xtb.py") for path in made.model_code("fit")(w))
    assert plan().baseline(job("ridge")) == []


def test_the_table_of_curves_needs_every_point_and_the_rows_own_fits(plan):
    curves = {"sizes": [10, 20], "draws": 2, "folds": [1], "rows": {"eigenspectrum/ridge": None}}
    job = SimpleNamespace(dataset="mine")
    files = plan(learning_curves=curves).curve_files(job)
    points = "results/mine/learning_curves/eigenspectrum/ridge/fold1"
    fit = "results/mine/models/eigenspectrum/ridge/fold1"
    expected = [f"{points}/size{n}.draw{i}.json" for n in (10, 20) for i in (0, 1)]
    assert files == [*expected, f"{fit}/metrics.json", f"{fit}/model.json"]
    assert plan(learning_curves=curves).curve_table(job) == ["results/mine/learning_curves.parquet"]
    assert plan().curve_table(job) == []


def test_only_networks_ask_how_long_they_train(plan):
    rows = {
        "eigenspectrum/multilayer_perceptron": {"network_training": "equal_epochs"},
        "eigenspectrum/ridge": {"network_training": "equal_epochs"},
    }
    made = plan(learning_curves={"rows": rows})
    assert made.network_training(job("multilayer_perceptron")) == "equal_epochs"
    assert made.network_training(job("ridge")) == "equal_steps"


LARGE = {
    "large": {
        "module": "large_local_kernel_ridge",
        "features": ["fchl19"],
        "share_kernels": True,
        "parameters": {"molecules": 60_000},
        "folds": [0, 3],
    }
}


def test_a_kernel_in_parts_is_read_by_the_fit_of_its_fold(plan):
    models = {"large": {**LARGE["large"], "folds": [3]}}
    made = plan(features={"fchl19": None}, models=models, dataset="qm9")
    w = SimpleNamespace(dataset="qm9", feature="fchl19", model="large", fold="3")
    prepared, *parts = made.parts(w)
    folder = "results/qm9/parts/fchl19/large/fold3"
    assert prepared == f"{folder}/prepared/metadata.json"
    number = made.needs.parts(w)
    assert 10 <= number <= 40  # of some five minutes each
    assert parts == [f"{folder}/part{i}of{number}/metadata.json" for i in range(number)]
    assert made.distances(w) == []


def test_other_models_have_no_parts(plan):
    models = {"local_kernel_ridge": {"features": ["fchl19"], "share_kernels": True}}
    made = plan(features={"fchl19": None}, models=models)
    w = SimpleNamespace(dataset="qm9", feature="fchl19", model="local_kernel_ridge", fold="0")
    assert made.parts(w) == []


def test_parts_do_not_depend_on_the_regularisation_but_on_the_seed(plan):
    def settings(seed=0, **parameters):
        models = {"large": {**LARGE["large"], "parameters": parameters}}
        made = plan(features={"fchl19": None}, models=models, seed=seed)
        return made.parts_settings(SimpleNamespace(model="large"))

    before = settings(alpha=1e-6)
    assert settings(alpha=1e-3, linear=1.0) == before
    assert len({before, settings(seed=1), settings(gamma=0.1), settings(molecules=10)}) == 4


def test_a_model_with_folds_of_its_own_has_fits_of_no_others(plan):
    models = {**LARGE, "ridge": {"features": ["eigenspectrum"]}}
    features = {"fchl19": None, "eigenspectrum": None}
    made = plan(features=features, models=models, folds=[0, 1, 3])
    folds = {
        name: [path for path in made.results("mine") if path.endswith("metrics.json")]
        for name in ("large", "ridge")
    }
    for name, own in (("large", [0, 3]), ("ridge", [0, 1, 3])):
        found = [path for path in folds[name] if f"/{name}/" in path]
        assert [path.split("/")[-2] for path in found] == [f"fold{fold}" for fold in own]
        wanted = [
            path for path in made.entry_inputs(SimpleNamespace(dataset="mine")) if name in path
        ]
        assert wanted == found
    assert made.model_folds(SimpleNamespace(model="large")) == "0 3"
    assert made.entry_names() == "fchl19/large:0,3 eigenspectrum/ridge"


def test_every_test_beyond_the_random_fold_is_made_and_shown_by_the_report(plan):
    made = plan()
    tables = made.beyond_tables(SimpleNamespace(dataset="mine"))
    assert tables == [f"results/mine/beyond/{track}.parquet" for track in TRACKS]
    expected = {f"results/mine/beyond/{track}{end}" for track in TRACKS for end in TABLE_ENDINGS}
    assert expected <= set(made.results("mine"))


def test_an_edit_of_one_test_beyond_the_random_fold_repeats_no_other(plan):
    files = plan().beyond_code(SimpleNamespace(track="isomers"))
    names = {path.rpartition("beyond/")[2] for path in files if "/beyond/" in path}
    assert {"isomers.py", "table.py"} <= names
    assert not {"reactions.py", "reaction_search.py", "experiment.py"} & names
