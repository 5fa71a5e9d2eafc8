"""The configuration: what is good, and one line for each error of what is not."""

from __future__ import annotations

import contextlib
import copy
import re
import subprocess
import sys

import pytest
import yaml

from qm7bench.configuration.settings import load_settings
from qm7bench.errors import ConfigurationError


def test_only_the_models_asked_for_are_run(config):
    asked = load_settings({**config, "only": ["my_*"]})
    assert asked.entries() == [("eigenspectrum", "my_ridge"), ("atom_counts", "my_ridge")]


@pytest.fixture
def faults(config):
    """Change the minimal configuration by dotted keys; return the lines of the error."""

    def of(changes):
        changed = copy.deepcopy(config)
        for key, value in changes.items():
            *way, last = key.split(".")
            place = changed
            for part in way:
                place = place.setdefault(part, {})
            place[last] = value
        with pytest.raises(ConfigurationError) as caught:
            load_settings(changed)
        lines = str(caught.value).splitlines()
        assert all(line.startswith("config.yaml: ") for line in lines)
        return [line.removeprefix("config.yaml: ") for line in lines]

    return of


def test_the_configuration_of_the_repository_is_valid(repository):
    config = yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))
    for budget in ("quick", "full"):
        settings = load_settings({**config, "budget": budget})
        rows = settings.entries()
        assert len(rows) == len(set(rows)) >= 20
        used = {feature for feature, _ in rows} | {m.baseline for m in settings.models.values()}
        assert used - {""} == set(settings.features)


@pytest.mark.parametrize(("budget", "key"), [("full", "folds"), ("quick", "quick_folds")])
def test_the_largest_molecules_are_the_only_test_of_a_data_set_by_size(faults, budget, key):
    changes = {"dataset": "qm9_by_size", "budget": budget, "folds": [0, 1], "quick_folds": [0, 1]}
    (line,) = faults(changes)
    assert line == (
        f"{key}: qm9_by_size is tested on fold 0 alone, its largest molecules; give {key}: [0], as "
        "qm9_by_size.yaml does"
    )
    assert "folds" not in "".join(faults({**changes, key: [0], "only": ["none"]}))


def test_the_commented_example_of_own_molecules_is_valid_when_uncommented(
    repository, tmp_path, monkeypatch
):
    text = (repository / "config.yaml").read_text(encoding="utf-8")
    lines = re.sub(r"^# (datasets:|  my_molecules:.*)$", r"\1", text, flags=re.M)
    config = yaml.safe_load(lines.replace("dataset: auto", "dataset: my_molecules"))
    (file,) = (entry["file"] for entry in config["datasets"].values())
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).parent.mkdir()
    (tmp_path / file).touch()
    assert load_settings(config).dataset == "my_molecules"


def test_the_configuration_of_the_repository_uses_every_classical_model(repository):
    config = yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))
    modules = {model.module for model in load_settings(config).models.values()}
    assert modules >= {
        "mean_predictor",
        "linear_regression",
        "ridge",
        "k_nearest_neighbours",
        "kernel_ridge",
        "support_vector_regression",
    }


def test_defaults_fill_what_is_left_out(config):
    settings = load_settings(config)
    assert settings.dataset == "auto"
    assert settings.folds == (0, 1, 2, 3, 4)
    assert settings.seed == 0
    assert settings.models["mean_predictor"].module == "mean_predictor"
    assert settings.models["my_ridge"].module == "ridge"
    assert settings.models["my_ridge"].resources.threads == 1


def test_rows_are_in_the_order_of_the_configuration(config):
    assert load_settings(config).entries() == [
        ("atom_counts", "mean_predictor"),
        ("eigenspectrum", "my_ridge"),
        ("atom_counts", "my_ridge"),
    ]


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("datset", "qm7", "unknown key datset; did you mean 'dataset'? Known: dataset, folds"),
        ("models.my_ridge.gird", {}, "unknown key models.my_ridge.gird; did you mean 'grid'?"),
        (
            "models.my_ridge.resources",
            {"memory": 1},
            "unknown key models.my_ridge.resources.memory; Known: mem_mb, runtime, threads, gpu",
        ),
        ("dataset", "qm8", "dataset: unknown data set 'qm8'; did you mean 'qm9'? Known: auto"),
        ("dataset", 7, "dataset is 7; give a text"),
        ("folds", [0, 7], "folds[1] is 7; give a number <= 4"),
        ("folds", [-1], "folds[0] is -1; give a number >= 0"),
        ("folds", [1.5], "folds[0] is 1.5; give an integer"),
        ("folds", [], "folds is []; give a list of at least 1"),
        ("folds", [1, 1], "folds is [1, 1]; give each value once"),
        ("seed", "x", "seed is 'x'; give an integer"),
        ("budget", "half", "budget is 'half'; give 'none', 'quick' or 'full'"),
        (
            "features.eigenspectra",
            None,
            "features.eigenspectra: unknown feature 'eigenspectra'; did",
        ),
        ("features.X", {"module": "eigenspectrum"}, "features has the key 'X'; give small letters"),
        (
            "features.eigenspectrum",
            {"parameters": {"noise": 1}},
            "unknown key features.eigenspectrum.parameters.noise; Known:",
        ),
        (
            "models.ridg",
            {"features": ["eigenspectrum"]},
            "models.ridg: unknown model 'ridg'; did you",
        ),
        (
            "models.my_ridge.features",
            ["eigenspectra"],
            "my_ridge.features: unknown feature 'eigenspectra'; did you mean 'eigenspectrum'?",
        ),
        (
            "models.my_ridge",
            {"module": "ridge", "features": ["eigenspectrum"], "baseline": "eigenspectra"},
            "my_ridge.baseline: unknown feature 'eigenspectra'; did you mean 'eigenspectrum'?",
        ),
        (
            "models.my_ridge.features",
            [],
            "models.my_ridge.features is []; give a list of at least 1",
        ),
        ("models.my_ridge", {"module": "ridge"}, "models.my_ridge lacks the key 'features'"),
        (
            "models.my_ridge.parameters",
            {"standardize": 1},
            "models.my_ridge.parameters.standardize is 1; give true or false",
        ),
        (
            "models.my_ridge.grid",
            {"alpha": 1.0},
            "models.my_ridge.grid.alpha is 1.0; give a list",
        ),
        ("models.my_ridge.grid", {"alpha": []}, "models.my_ridge.grid.alpha is []; give a list"),
        (
            "models.my_ridge.grid",
            {"alpha": [1.0, "1e-7"]},
            "models.my_ridge.grid.alpha[1] is '1e-7'; give a number > 0 (YAML reads 1e-7 as a text;"
            " write 1.0e-07)",
        ),
        ("models.my_ridge.grid", {"alpha": [0.0]}, "alpha[0] is 0.0; give a number > 0"),
        ("models.my_ridge.grid", {"alpha": [True]}, "alpha[0] is True; give a number > 0"),
        (
            "models.my_ridge.grid",
            {"alfa": [1.0]},
            "unknown key models.my_ridge.grid.alfa; did you mean",
        ),
        (
            "models.my_ridge.budgets",
            {"quick": {"grid": {"alpha": ["x"]}}},
            "models.my_ridge.budgets.quick.grid.alpha[0] is 'x'; give a number > 0",
        ),
        (
            "models.my_ridge.distances",
            ["cosine"],
            "distances[0] is 'cosine'; give 'squared_euclid",
        ),
        (
            "datasets.qm7",
            {"file": __file__},
            "datasets.qm7: the name is taken by a built-in data set",
        ),
        (
            "datasets.mine",
            {"file": __file__, "energy_unit": "kcal"},
            "datasets.mine.energy_unit is 'kcal'; give 'kcal/mol', 'kJ/mol', 'eV' or 'Hartree'",
        ),
    ],
)
def test_an_error_is_one_line_with_key_value_and_what_is_allowed(faults, key, value, line):
    found = faults({key: value})
    assert len(found) == 1
    assert line in found[0]


def test_the_file_of_the_data_set_that_is_run_must_exist(faults):
    own = {"datasets.mine": {"file": "no.xyz"}, "dataset": "mine"}
    assert faults(own) == ["datasets.mine.file: 'no.xyz' does not exist"]


def test_the_file_of_a_data_set_that_is_not_run_need_not_exist(config):
    assert load_settings({**config, "datasets": {"mine": {"file": "no.xyz"}}}).dataset == "auto"


@pytest.mark.parametrize(
    ("key", "value"), [("folds", ["0", "3"]), ("quick_folds", ["0"]), ("quick_molecules", "100")]
)
def test_integers_of_the_command_line_come_as_text(config, key, value):
    settings = load_settings({**config, key: value, "budget": "quick"})
    assert (settings.folds, settings.quick_molecules) == {
        "folds": ((0, 3), 0),
        "quick_folds": ((0,), 0),
        "quick_molecules": ((0, 1, 2, 3, 4), 100),
    }[key]


def test_text_that_is_no_integer_is_named(faults):
    assert faults({"folds": ["0", "one"]}) == ["folds[1] is 'one'; give an integer"]


def test_a_choice_from_names_lists_them(faults):
    entry = {"features": ["eigenspectrum"], "parameters": {"kernel": "poly"}}
    assert faults({"models.kernel_ridge": entry}) == [
        "models.kernel_ridge.parameters.kernel is 'poly'; give one of 'gaussian', 'laplacian'"
    ]


def test_every_error_of_every_kind_is_reported_in_one_go(faults):
    found = faults(
        {
            "datset": "qm7",
            "budget": "half",
            "folds": [9],
            "features.eigenspectra": None,
            "models.my_ridge.gird": {},
            "models.my_ridge.grid": {"alpha": ["1e-7", -1]},
            "models.my_ridge.parameters": {"standardise": True},
        }
    )
    assert len(found) == 8
    for key in (
        "datset",
        "budget",
        "folds[0]",
        "features.eigenspectra",
        "models.my_ridge.gird",
        "grid.alpha[0]",
        "grid.alpha[1]",
        "parameters.standardise",
    ):
        assert sum(key in line.split(";")[0] for line in found) == 1


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ({}, "the file lacks the key 'features'"),
        ({"features": None, "models": {}}, "features is None; give keys with values"),
        ({"features": {}, "models": []}, "models is []; give keys with values"),
        (None, "the file is None; give keys with values"),
    ],
)
def test_a_configuration_of_another_shape_is_an_error(config, line):
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config)
    assert f"config.yaml: {line}" in str(caught.value).splitlines()


@pytest.mark.parametrize("value", [None, "", [], {}, 1, True, [None], {1: 2}, float("nan"), "1e-7"])
def test_any_value_in_any_place_is_read_or_refused_in_words(repository, value, rng):
    """Of the shipped file; a third of the values gets a key of its own instead."""
    config = yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))
    places = [place for place in _places(config) if place]
    for i in rng.choice(len(places), 40, replace=False):
        changed = copy.deepcopy(config)
        *way, last = places[i]
        section = changed
        for key in way:
            section = section[key]
        section["another" if i % 3 == 0 and isinstance(section, dict) else last] = value
        with contextlib.suppress(ConfigurationError):
            load_settings(changed)


def _places(value, place=()):
    yield place
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(part, (*place, key))


@pytest.mark.parametrize("budget", [None, {}])
def test_a_budget_that_there_is_not_is_named(faults, budget):
    assert faults({"models.my_ridge.budgets": {"fast": budget}}) == [
        "models.my_ridge.budgets has the key 'fast'; give 'quick' or 'full'"
    ]


def test_what_a_job_depends_on_is_one_canonical_text(config):
    def canonical(**changes):
        entry = {**config["models"]["my_ridge"], **changes}
        changed = {**config, "models": {"my_ridge": entry}}
        return load_settings(changed).models["my_ridge"].canonical(0)

    assert canonical() == canonical(resources={"mem_mb": 9}) == canonical(features=["atom_counts"])
    assert canonical() != canonical(grid={"alpha": [0.1]})
    assert canonical() != canonical(parameters={"standardize": True})


def test_planning_imports_nothing_heavy():
    """Every job of a workflow reads the settings, so that seconds here are seconds each."""
    heavy = "{'torch', 'sklearn', 'scipy', 'pyarrow', 'ase', 'pandas', 'snakemake'}"
    code = f"import sys, qm7bench.configuration.settings; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_model_asked_for_that_is_not_there_is_a_fault(faults):
    (line,) = faults({"only": ["my_rigde"]})
    assert line == (
        "only[0]: no model is named 'my_rigde'; did you mean 'my_ridge'? "
        "Known: mean_predictor, my_ridge"
    )
