"""The configuration: what is good, and one line for each fault of what is not."""

from __future__ import annotations

import copy
import subprocess
import sys

import pytest
import yaml

from qm7bench.configuration.settings import load_settings
from qm7bench.errors import ConfigurationError


def test_only_the_models_asked_for_are_run(config, config_schema):
    asked = load_settings({**config, "only": ["my_*"]}, config_schema)
    assert asked.rows() == [("eigenspectrum", "my_ridge"), ("atom_counts", "my_ridge")]


@pytest.fixture
def faults(config, config_schema):
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
            load_settings(changed, config_schema)
        lines = str(caught.value).splitlines()
        assert all(line.startswith("config.yaml: ") for line in lines)
        return [line.removeprefix("config.yaml: ") for line in lines]

    return of


def test_the_configuration_of_the_repository_is_valid(repository, config_schema):
    config = yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))
    for budget in ("quick", "full"):
        settings = load_settings({**config, "budget": budget}, config_schema)
        rows = settings.rows()
        assert len(rows) == len(set(rows)) >= 20
        used = {feature for feature, _ in rows} | {m.baseline for m in settings.models.values()}
        assert used - {""} == set(settings.features)


def test_the_configuration_of_the_repository_uses_every_classical_model(repository, config_schema):
    config = yaml.safe_load((repository / "config.yaml").read_text(encoding="utf-8"))
    modules = {model.module for model in load_settings(config, config_schema).models.values()}
    assert modules >= {
        "mean_predictor",
        "linear_regression",
        "ridge",
        "k_nearest_neighbours",
        "kernel_ridge",
        "support_vector_regression",
    }


def test_the_schema_describes_every_key_and_gives_every_default(config_schema):
    for name, key in config_schema["properties"].items():
        assert key["description"], name
        assert name in ("features", "models") or "default" in key


def test_defaults_fill_what_is_left_out(config, config_schema):
    settings = load_settings(config, config_schema)
    assert settings.dataset == "auto"
    assert settings.folds == (0, 1, 2, 3, 4)
    assert settings.seed == 0
    assert settings.models["mean_predictor"].module == "mean_predictor"
    assert settings.models["my_ridge"].module == "ridge"
    assert settings.models["my_ridge"].resources["threads"] == 1


def test_rows_are_in_the_order_of_the_configuration(config, config_schema):
    assert load_settings(config, config_schema).rows() == [
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
        ("dataset", 7, "dataset is 7; 7 is not of type 'string'"),
        ("folds", [0, 7], "folds[1] is 7; 7 is greater than the maximum of 4"),
        ("folds", [-1], "folds[0] is -1; -1 is less than the minimum of 0"),
        ("folds", [1.5], "folds[0] is 1.5; 1.5 is not of type 'integer'"),
        ("folds", [], "folds is []; [] should be non-empty"),
        ("folds", [1, 1], "folds is [1, 1]; [1, 1] has non-unique elements"),
        ("seed", "x", "seed is 'x'; 'x' is not of type 'integer'"),
        ("budget", "half", "budget is 'half'; allowed: 'none', 'quick', 'full'"),
        (
            "features.eigenspectra",
            None,
            "features.eigenspectra: unknown feature 'eigenspectra'; did",
        ),
        ("features.X", {"module": "eigenspectrum"}, "features is 'X'; 'X' does not match"),
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
        ("models.my_ridge.features", [], "models.my_ridge.features is []; [] should be non-empty"),
        ("models.my_ridge", {"module": "ridge"}, "models.my_ridge lacks a key: 'features'"),
        (
            "models.my_ridge.parameters",
            {"standardize": 1},
            "models.my_ridge.parameters.standardize is 1; give true or false",
        ),
        (
            "models.my_ridge.grid",
            {"alpha": 1.0},
            "models.my_ridge.grid.alpha is 1.0; 1.0 is not of",
        ),
        ("models.my_ridge.grid", {"alpha": []}, "models.my_ridge.grid.alpha is []; [] should be"),
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
            "distances[0] is 'cosine'; allowed: 'squared_euclid",
        ),
        (
            "datasets.qm7",
            {"file": __file__},
            "datasets.qm7: the name is taken by a built-in data set",
        ),
        ("datasets.mine", {"file": "no.xyz"}, "datasets.mine.file: 'no.xyz' is no file"),
        (
            "datasets.mine",
            {"file": __file__, "energy_unit": "kcal"},
            "datasets.mine.energy_unit is 'kcal'; allowed: 'kcal/mol', 'kJ/mol', 'eV', 'Hartree'",
        ),
    ],
)
def test_a_fault_is_one_line_with_key_value_and_what_is_allowed(faults, key, value, line):
    found = faults({key: value})
    assert len(found) == 1
    assert line in found[0]


def test_a_choice_from_names_lists_them(faults):
    entry = {"features": ["eigenspectrum"], "parameters": {"kernel": "poly"}}
    assert faults({"models.kernel_ridge": entry}) == [
        "models.kernel_ridge.parameters.kernel is 'poly'; give one of 'gaussian', 'laplacian'"
    ]


def test_every_fault_of_every_kind_is_reported_in_one_go(faults):
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
        ({}, "the file lacks a key: 'features' is a required property"),
        ({"features": None, "models": {}}, "features is None; None is not of type 'object'"),
        ({"features": {}, "models": []}, "models is []; [] is not of type 'object'"),
        (None, "the file is None; None is not of type 'object'"),
    ],
)
def test_a_configuration_of_another_shape_is_an_error(config, line, config_schema):
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config, config_schema)
    assert f"config.yaml: {line}" in str(caught.value).splitlines()


def test_what_a_job_depends_on_is_one_canonical_text(config, config_schema):
    def canonical(**changes):
        entry = {**config["models"]["my_ridge"], **changes}
        changed = {**config, "models": {"my_ridge": entry}}
        return load_settings(changed, config_schema).models["my_ridge"].canonical(0)

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
