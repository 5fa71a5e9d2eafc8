"""Learning curves in a workflow that is really run: which points there are, and what makes them."""

from __future__ import annotations

import pytest
from running import BEYOND, Workflow

from qm7bench.artefacts.artefact import read_json
from qm7bench.leaderboard.learning_curves import read_curves

pytestmark = pytest.mark.slow

CURVES = {
    "sizes": [20, 40],
    "draws": 1,
    "rows": {
        "eigenspectrum/ridge": None,
        "eigenspectrum/kernel_ridge": {"sizes": [20, 500], "folds": [1]},
    },
}
RIDGE_POINTS = {
    f"learning_curves/eigenspectrum.ridge.fold{k}.size{n}.draw0" for k in (0, 1) for n in (20, 40)
}
KERNEL_POINTS = {
    f"learning_curves/eigenspectrum.kernel_ridge.fold1.size{n}.draw0" for n in (20, 500)
}
RIDGE = {f"models/eigenspectrum.ridge.{part}" for part in ("selection", "fold0", "fold1")}
TABLES = {"learning_curves", "report"}


@pytest.fixture(scope="module")
def curved(complete, tmp_path_factory):
    """A complete run, then the same with learning curves, and the jobs that these took."""
    workflow = complete.copy_to(tmp_path_factory.mktemp("curved") / "workflow")
    workflow.configure(lambda config: config.update(learning_curves=CURVES))
    return workflow, workflow.run()


@pytest.fixture
def changed(curved, tmp_path) -> Workflow:
    """The same, to change."""
    return curved[0].copy_to(tmp_path / "changed")


def test_curves_take_their_points_and_tables_and_nothing_else(curved):
    workflow, jobs = curved
    assert jobs == RIDGE_POINTS | KERNEL_POINTS | TABLES
    assert workflow.planned() == set()
    assert (workflow.results / "figures" / "learning_curves.svg").is_file()


def test_the_table_has_every_size_and_the_rows_themselves(curved):
    workflow, _ = curved
    records = read_curves(workflow.results / "learning_curves.parquet")
    found = {(r["model"], r["training_molecules"]): r["points"] for r in records}
    # Eighty molecules in five folds: 500 are left out.
    assert found == {
        ("ridge", 20): 2,
        ("ridge", 40): 2,
        ("ridge", 64): 2,
        ("kernel_ridge", 20): 1,
        ("kernel_ridge", 64): 1,
    }
    folder = workflow.results / "models" / "eigenspectrum" / "ridge"
    maes = [read_json(folder / f"fold{k}" / "metrics.json")["mae"] for k in (0, 1)]
    whole = next(r for r in records if (r["model"], r["all_molecules"]) == ("ridge", 1))
    assert whole["mae"] == pytest.approx(sum(maes) / 2)


def test_an_edit_to_a_model_runs_its_points_too_and_no_others(changed):
    changed.append("src/qm7bench/models/ridge.py", "\nEDITED = True\n")
    assert changed.planned() == RIDGE_POINTS | RIDGE | TABLES | BEYOND | {"summary"}


def test_a_change_to_a_models_grid_runs_its_points_too(changed):
    changed.configure(lambda c: c["models"]["ridge"]["grid"]["alpha"].append(1000.0))
    assert changed.planned() == RIDGE_POINTS | RIDGE | TABLES | BEYOND | {"summary"}


def test_another_draw_runs_the_new_points_only(changed):
    changed.configure(
        lambda c: c["learning_curves"]["rows"]["eigenspectrum/kernel_ridge"].update(draws=2)
    )
    new = {name.replace("draw0", "draw1") for name in KERNEL_POINTS}
    assert changed.planned() == new | TABLES


def test_a_removed_point_is_made_again(changed):
    point = "eigenspectrum/ridge/fold0/size20.draw0.json"
    (changed.results / "learning_curves" / point).unlink()
    own = {"learning_curves/eigenspectrum.ridge.fold0.size20.draw0"}
    assert changed.planned() == own | TABLES


def test_without_curves_only_the_report_is_made_again(changed):
    changed.configure(lambda config: config.pop("learning_curves"))
    assert changed.planned() == {"report"}
