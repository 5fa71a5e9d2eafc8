"""Ensembles in a workflow that is really run: what their rows need, and what makes them again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml

from qm7bench.artefacts.artefact import read_json
from qm7bench.artefacts.parquet import read_records, read_table
from qm7bench.artefacts.results_tree import TRACKS
from qm7bench.chemistry.elements import SYMBOLS

pytestmark = pytest.mark.slow

CONFIG = """
dataset: mine
folds: [0, 1]
datasets: {mine: {file: mine.xyz}}
features: {atom_counts: , eigenspectrum: }
models:
  ridge: {features: [eigenspectrum], grid: {alpha: [0.01, 1.0]}}
  linear_regression: {features: [atom_counts]}
ensembles:
  both: {members: [eigenspectrum/ridge, atom_counts/linear_regression], inner_pairs: ring}
"""
MODELS = "results/mine/models"
TABLES = {"summary": 1, "beyond": len(TRACKS), "report": 1}
"""Jobs at the end, by rule."""
STANDARDIZED = {"standardize": True}


@pytest.fixture(scope="module")
def folder(repository, small_molecules, tmp_path_factory):
    """Folder of a workflow on eighty molecules that was run to its end."""
    folder = tmp_path_factory.mktemp("workflow")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("workflow", "src", "envs"):
        shutil.copytree(repository / name, folder / name, ignore=ignored)
    shutil.copy(repository / "Snakefile", folder)
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    part = small_molecules[50:130]
    with (folder / "mine.xyz").open("w", encoding="utf-8") as file:
        for i, size in enumerate(part.sizes):
            print(size, f"energy={part.energies[i]:.10f}", sep="\n", file=file)
            for charge, position in zip(part.charges[i, :size], part.positions[i], strict=False):
                print(SYMBOLS[charge], *position, file=file)
    done = snakemake(folder, "--cores", "1")
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture
def copied(folder, tmp_path):
    """The same, to change."""
    subprocess.run(["cp", "-a", folder, tmp_path / "copy"], check=True)
    return tmp_path / "copy"


def snakemake(folder, *words):
    """Run Snakemake with the folder's own sources."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SNAKEMAKE")}
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *words],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(folder / "src"), "SLURM_CONF": os.devnull},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )


def planned(folder):
    """Number of jobs of each rule that a run would start now."""
    dry = snakemake(folder, "-n")
    assert dry.returncode == 0, dry.stdout
    counts = dict(re.findall(r"^(\w+) +(\d+)$", dry.stdout, re.MULTILINE))
    return {rule: int(n) for rule, n in counts.items() if rule not in ("all", "total")}


def configure(folder, change):
    config = yaml.safe_load(CONFIG)
    change(config)
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")


def test_the_ensemble_is_a_row_of_the_table_and_nothing_is_left_to_do(folder):
    records = read_records(folder / "results" / "mine" / "summary.parquet")
    assert {f"{r['feature']}/{r['model']}": r["protocol"] for r in records} == {
        "eigenspectrum/ridge": "nested",
        "atom_counts/linear_regression": "fixed",
        "ensemble/both": "nested",
    }
    assert planned(folder) == {}


def test_only_the_pairs_of_the_ring_were_fitted(folder):
    fitted = {p.name for p in (folder / MODELS).rglob("without*")}
    assert fitted == {"without01", "without04", "without12"}


def test_its_predictions_are_those_of_its_members(folder):
    for fold in (0, 1):
        weights = read_json(folder / MODELS / f"ensemble/both/fold{fold}/metrics.json")
        tables = {
            row: read_table(folder / MODELS / row / f"fold{fold}" / "predictions.parquet")
            for row in ("ensemble/both", *weights["parameters"])
        }
        expected = sum(w * tables[row]["prediction"] for row, w in weights["parameters"].items())
        np.testing.assert_allclose(tables["ensemble/both"]["prediction"], expected, rtol=1e-12)


def test_qm7bench_predicts_with_it(folder):
    model = f"{MODELS}/ensemble/both/fold0"
    done = subprocess.run(
        [sys.executable, "-m", "qm7bench", "predict", "mine.xyz", "--model", model],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    header, *lines = done.stdout.splitlines()
    assert header == (
        "molecule,formula,energy_kcal_per_mol,uncertainty_kcal_per_mol,lower_kcal_per_mol,"
        "upper_kcal_per_mol,warning"
    )
    assert len(lines) == 80


@pytest.mark.parametrize("module", ["weights", "members", "fold"])
def test_an_edit_of_its_code_combines_again_and_fits_nothing(copied, module):
    path = copied / "src" / "qm7bench" / "ensembles" / f"{module}.py"
    path.write_text(path.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    assert planned(copied) == {"combine": 2, **TABLES}


def test_other_weights_combine_again_and_fit_nothing(copied):
    def change(config):
        config["ensembles"]["both"] = {"members": ["*/ridge", "*/linear*"], "weights": "equal"}

    configure(copied, change)
    assert planned(copied) == {"combine": 2, **TABLES}


def test_all_pairs_take_the_missing_inner_fits(copied):
    configure(copied, lambda config: config["ensembles"]["both"].pop("inner_pairs"))
    assert planned(copied) == {"inner_fit": 4, "combine": 2, **TABLES}


def test_other_settings_of_a_member_fit_it_again_and_combine(copied):
    configure(copied, lambda c: c["models"]["linear_regression"].update(parameters=STANDARDIZED))
    expected = {"fit": 2, "inner_fit": 3, "combine": 2, **TABLES}
    assert planned(copied) == expected


def test_without_the_ensemble_only_the_tables_are_made_again(copied):
    configure(copied, lambda config: config.pop("ensembles"))
    assert planned(copied) == TABLES
